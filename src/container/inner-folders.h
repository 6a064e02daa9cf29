/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the manager makes on disk inside the tree, and what has to be gone at the end: the work
 * folders of overlays whose upper is in the tree. The tree's links are followed below it only.
 */

#include "base/arena.h"
#include "plan/plan.h"

/* Their paths, in the payload's root. */
StringList inner_folders_list(const Plan *plan, Arena *arena);

/* Removes FOLDERS from the tree TREE_FD, of which PIVOT is the payload's root; NULL: all of it.
 * What is not there is fine. Logged. */
void inner_folders_remove(int tree_fd, const char *pivot, const StringList *folders);

/* The same for the tree at PATH, of a run that was killed. */
void inner_folders_sweep(const char *path, const char *pivot, const StringList *folders);
