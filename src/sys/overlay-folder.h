/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an overlay writes, as a folder with two parts: data/ (what is new, changed or gone) and
 * work/ (the kernel's own). Whoever can reach data/ on the host can reach set-user-id files that
 * the payload made, so the folder has to be root's own.
 */

#include <stdbool.h>
#include <stdint.h>

/* Makes data/, like the directory LIKE_FD (mode, owner, extended attributes: it stands for that
 * directory in the overlay), and work/, of the same owner, in FOLDER_FD. What is there is kept,
 * except that work/ is always empty afterwards.
 *
 * folder_fd, like_fd: borrowed, may be O_PATH
 * Returns 0 or -errno. */
int overlay_make_folder(int folder_fd, int like_fd);

/* Whether a file system of type MAGIC, from statfs(2), can be where an overlay writes. False for
 * those that cannot keep whiteouts or trusted attributes; unknown ones are taken to be good. */
bool overlay_can_write_to(uint64_t magic);
