/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Making a tree that is there as a whole or not at all: it grows in a hidden folder beside its
 * place, closed to others, and is renamed at the end. What a killed run leaves is removed by
 * whoever makes the same tree next, or by who knows the folder from the run's record.
 */

#include "base/arena.h"
#include "image/upper.h"

typedef struct {
        Arena arena;
        const char *path, *name; /* of the tree, and of it in its folder */
        int tree_fd;             /* what there is of it, O_PATH */
        Upper staging;           /* the hidden folder, and the one that it is in */
} NewTree;

#define NEW_TREE_NONE ((NewTree){ .tree_fd = -EBADF, .staging = UPPER_EMPTY })

/* Makes the hidden folder HIDDEN_NAME for the tree PATH, which must not exist; so that a later run
 * finds it, it ends in 16 hex digits, see upper_make_on_disk(). The folder that the tree is to be
 * in is made if it is missing, for root alone.
 *
 * Returns 0 or a logged error. End with new_tree_done() in any case. */
int new_tree_begin(const char *path, const char *hidden_name, NewTree *ret_tree);

/* A name for the hidden folder of the tree PATH, with 16 hex digits at the end. */
const char *new_tree_hidden_name(Arena *arena, const char *path, const char *suffix);

/* Makes the tree a copy of FROM_FD (borrowed, O_PATH), called FROM: a snapshot where btrfs can make
 * one, else a copy as sys/tree-copy makes it, which SIGINT, SIGTERM and SIGHUP end. Logged. */
int new_tree_fill(NewTree *tree, int from_fd, const char *from);

/* Puts it in its place, once all of it is on disk. Logged.
 * Returns the tree, O_PATH, which the caller owns. */
int new_tree_finish(NewTree *tree);

/* Removes what was not finished. */
void new_tree_done(NewTree *tree);
