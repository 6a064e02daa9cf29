/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is mounted below a tree.
 */

#include "base/arena.h"

/* Adds the topmost mount points below the tree PATH (absolute, links resolved) to MOUNTS, without
 * those where a container has file systems of its own. 0 or a logged error. */
int submounts_list(const char *path, Arena *arena, StringList *mounts);
