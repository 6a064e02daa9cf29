/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The tree a machine runs on: finding it, opening it once, and what it says about itself.
 *
 * Whatever the root is made of (a directory, or an overlay over one: image/layers), the rest of the
 * program sees one mount fd and the RootFacts.
 */

#include "config/config.h"
#include "image/upper.h"
#include "plan/facts.h"

typedef struct {
        int tree_fd;  /* the directory on the host, O_PATH */
        int mount_fd; /* detached clone of it with its submounts; used up by one start */
        int lock_fd;  /* keeps others from running the same tree, in this and other tools */
        int beside_lock_fd;
        int beside_fd;              /* the folder that the tree is in */
        Upper upper;                /* where an overlay over the tree writes to */
        char lock_path[128];        /* removed at the end, "" if there is none */
        char beside_lock_name[300]; /* in that folder */
} Root;

#define ROOT_NONE                                                                                  \
        ((Root){ .tree_fd = -EBADF,                                                                \
                        .mount_fd = -EBADF,                                                        \
                        .lock_fd = -EBADF,                                                         \
                        .beside_lock_fd = -EBADF,                                                  \
                        .beside_fd = -EBADF,                                                       \
                        .upper = UPPER_EMPTY })

/* Finds the tree that CONFIG names, opens it and reads what plan/ has to know about it.
 *
 * Returns 0, or a negative errno after one error line. Nothing is changed. */
int root_open(const Config *config, Root *ret_root, RootFacts *ret_facts, Arena *arena);

/* Takes the locks on the tree: exclusive, or shared if it is run read-only.
 *
 * PATH: the tree's path, for messages and the lock beside it
 * globally: also the lock below /run that finds the tree under any of its names
 * Returns 0, -EBUSY (not logged: the caller knows who else runs), or -errno after an error line. */
int root_lock(Root *root, const char *path, bool shared, bool globally);

/* Once the settings are complete: if CONFIG asks for an overlay, finds out where on disk it can
 * write and what is mounted below the tree, into FACTS. 0 or a logged error. Nothing is changed. */
int root_see_overlay(const Config *config, Root *root, RootFacts *facts, Arena *arena);

/* Inside image/ only: the absolute path of FD, links resolved, in ARENA; or FALLBACK. */
const char *root_real_path(Arena *arena, int fd, const char *fallback);

/* Clones the tree as a detached mount into root->mount_fd, for one start. */
int root_clone(Root *root);

/* Removes the lock files that a killed run on the tree PATH left. */
void root_sweep_locks(const char *path);

/* Removes the upper, releases the locks and closes everything, in any state. */
void root_done(Root *root);
