/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whole small files, whole writes, and descriptors over a socket.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Writes all SIZE bytes of DATA to FD; interrupted and short writes go on. 0 or -errno. */
int io_write_all(int fd, const void *data, size_t size);

/* Reads FD until end-of-file into BUFFER and adds a NUL.
 *
 * Returns the number of bytes, or -EFBIG if the file has SIZE or more bytes, or -errno. */
ssize_t io_read_all(int fd, char *buffer, size_t size);

/* Reads the regular file PATH below AT_FD like io_read_all().
 *
 * Anything else than a regular file is refused (-EBADFD) and never blocks. For host files and the
 * kernel's own; a path inside a tree is opened by rootpath_open_file() first. */
ssize_t io_read_file(int at_fd, const char *path, char *buffer, size_t size);

/* Writes TEXT to the existing file PATH below AT_FD in one write(), as the kernel's control files
 * want it. 0 or -errno. */
int io_write_file(int at_fd, const char *path, const char *text);

/* Creates or replaces PATH below AT_FD with TEXT by a rename, with MODE. 0 or -errno. */
int io_replace_file(int at_fd, const char *path, const char *text, mode_t mode);

/* Whether FD, which may be an O_PATH one, is a directory. */
bool io_is_directory(int fd);

/* Most descriptors that one message carries. */
enum { IO_FDS_MAX = 16 };

/* Sends SIZE bytes and N_FDS descriptors (borrowed) as one message; never raises SIGPIPE. */
int io_send(int socket_fd, const void *data, size_t size, const int *fds, size_t n_fds);

/* Receives one message of at most SIZE bytes.
 *
 * ret_fds: IO_FDS_MAX slots; received descriptors are O_CLOEXEC and owned by the caller
 *
 * Returns the number of bytes, 0 at end-of-file, -EMSGSIZE (longer than SIZE or too many
 * descriptors: all are closed), or -errno. */
ssize_t io_receive(int socket_fd, void *data, size_t size, int *ret_fds, size_t *ret_n_fds);
