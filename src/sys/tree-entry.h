/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside sys/tree only: one file of a tree that is moved to another range of ids.
 */

#include <stdint.h>
#include <sys/stat.h>

/* Ids in a range; what is below this bit of an id stays. */
enum { TREE_RANGE_SIZE = 65536 };

/* Moves owner, group, access control lists and file capabilities of the file FD (O_PATH, of any
 * type) into the range at BASE. ST is what fstat(FD) said. 0 or -errno; see tree_shift_owners(). */
int tree_entry_shift(int fd, const struct stat *st, uint32_t base);
