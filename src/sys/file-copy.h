/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a file is besides its name: its data and its attributes.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Called with the number of bytes that were copied since the last call. Returns 0 to go on, or a
 * negative errno, which ends the copy. */
typedef int (*FileCopyProgress)(void *userdata, uint64_t n_bytes);

/* Makes TO_FD, an empty regular file open for writing, hold what FROM_FD holds: the same blocks if
 * the file system can share them, else a copy that keeps holes.
 *
 * progress: may be NULL
 * Returns 0 or -errno. Source: ioctl_ficlone(2), copy_file_range(2), lseek(2) SEEK_DATA. */
int file_copy_data(int from_fd, int to_fd, FileCopyProgress progress, void *userdata);

/* Copies the extended attributes, access control lists among them, of one file to another of any
 * type; both descriptors may be O_PATH ones. What TO_FD's file system does not have is left out, as
 * are the attributes that overlays set, except for the mark that a directory hides those below it
 * if WITH_OPAQUE. */
int file_copy_xattrs(int from_fd, int to_fd, bool with_opaque);

/* Copies owner, mode and extended attributes. ST is what fstat(FROM_FD) said. */
int file_copy_attributes(int from_fd, const struct stat *st, int to_fd, bool with_opaque);

/* Copies the times of access and change: the last thing to do to a file. */
int file_copy_times(const struct stat *st, int to_fd);
