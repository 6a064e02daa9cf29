/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an overlay writes into its upper folder besides files: what is gone, and how a directory is
 * meant. Only who is root on the host can set these marks.
 *
 * Source: Documentation/filesystems/overlayfs.rst.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Whether the file FD (O_PATH), of which fstat() said ST, stands for a removed one. */
bool overlay_is_whiteout(int fd, const struct stat *st);

/* Whether the file FD (O_PATH) has the mark NAME: "opaque", "redirect", "metacopy". */
bool overlay_has_mark(int fd, const char *name);

/* Reads the mark NAME of the file FD (O_PATH) into BUFFER and adds a NUL. Its length or -errno. */
ssize_t overlay_read_mark(int fd, const char *name, char *buffer, size_t size);
