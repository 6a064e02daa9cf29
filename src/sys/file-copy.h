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

/* What becomes of the attributes that say how an overlay is meant ("trusted.overlay.…"). */
typedef enum {
        MARKS_ALL,    /* they are the file's, of an overlay that somebody has in this tree */
        MARKS_NONE,   /* they are about the place where it is, and stay there */
        MARKS_OPAQUE, /* but that a directory hides those below it goes along */
} OverlayMarks;

/* Copies the extended attributes, access control lists among them, of one file to another of any
 * type; both descriptors may be O_PATH ones. What TO_FD's file system does not have is left out.
 * Where marks stay, those of an overlay inside of it, which the kernel keeps for it below the name
 * "trusted.overlay.overlay.", become what they were (Linux 6.7). */
int file_copy_xattrs(int from_fd, int to_fd, OverlayMarks marks);

/* Copies owner, mode and extended attributes. ST is what fstat(FROM_FD) said. */
int file_copy_attributes(int from_fd, const struct stat *st, int to_fd, OverlayMarks marks);

/* Copies the times of access and change: the last thing to do to a file. */
int file_copy_times(const struct stat *st, int to_fd);
