/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whole directory trees on disk.
 */

#include <stdint.h>

/* Moves the owners of everything below TREE_FD, and of it, into the range of 65536 ids at BASE: an
 * id keeps its lower 16 bits. Access control lists follow. What is in the range already stays, so
 * an interrupted run can be repeated; the top directory comes last and marks the end of the work.
 *
 * Other file systems mounted below, and files with more than one link into them, are not entered;
 * links are not followed. Set-user-id bits and file capabilities are kept.
 * Errors: -EROFS, -EPERM (immutable file), -EIO and others of chown(2). */
int tree_shift_owners(int tree_fd, uint32_t base);
