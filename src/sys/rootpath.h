/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Paths inside an untrusted tree.
 *
 * Every path is resolved by the kernel below ROOT_FD (openat2, RESOLVE_IN_ROOT): absolute links
 * and ".." stay inside, magic links of procfs are not followed, whatever the tree's owner changes
 * while we look. This is the only way that code with host rights may follow a path of a tree.
 *
 * Files are made with the file system ids of the calling process; see credentials_act_as().
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens PATH below ROOT_FD; O_CLOEXEC and O_NOCTTY are added.
 *
 * Returns an fd that the caller owns, or -errno (-ELOOP also for a magic link).
 * Source: openat2(2), Linux 5.6. */
int rootpath_open(int root_fd, const char *path, int flags, mode_t mode);

/* Opens the regular file PATH for reading without ever blocking.
 *
 * Errors: -ENOENT, -EBADFD (a fifo, device, directory or socket), others of open(2). */
int rootpath_open_file(int root_fd, const char *path);

/* Reads the regular file PATH into BUFFER and adds a NUL; see io_read_all(). */
ssize_t rootpath_read_file(int root_fd, const char *path, char *buffer, size_t size);

/* Opens the directory PATH (O_PATH), making it and missing parents with MODE.
 *
 * Errors: -ENOTDIR, -ELOOP (a link leads nowhere), -EROFS and others of mkdir(2). */
int rootpath_make_directory(int root_fd, const char *path, mode_t mode);

/* Opens the parent directory of PATH (O_PATH), made if missing, and points *RET_NAME into PATH
 * at the last component. -EISDIR if PATH has none. */
int rootpath_make_parent(int root_fd, const char *path, const char **ret_name);

/* Opens PATH (O_PATH) to mount something on it; made as an empty directory or file if missing, also
 * where a link at its end leads. -ENOTDIR or -EISDIR if it is of the other type. */
int rootpath_make_target(int root_fd, const char *path, bool is_directory);
