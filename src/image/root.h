/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The tree a machine runs on: finding it, opening it once, and what it says about itself.
 *
 * Whatever the root is made of (a directory, or an overlay over one: image/layers), the rest of the
 * program sees one mount fd and the RootFacts.
 */

#include "config/config.h"
#include "image/tree-lock.h"
#include "image/upper.h"
#include "plan/facts.h"

/* A folder that is below the tree in an overlay. */
typedef struct {
        int fd; /* O_PATH */
        TreeLock lock;
} RootLayer;

typedef struct {
        int tree_fd;  /* the directory on the host, O_PATH */
        int view_fd;  /* what the root will look like, to read facts from; -EBADF: like the tree */
        int mount_fd; /* detached clone of it with its submounts; used up by one start */
        TreeLock lock;
        RootLayer *layers; /* of --layer=; in the arena of the facts */
        size_t n_layers;
        Upper upper; /* where an overlay over the tree writes to */
} Root;

#define ROOT_NONE                                                                                  \
        ((Root){ .tree_fd = -EBADF,                                                                \
                        .view_fd = -EBADF,                                                         \
                        .mount_fd = -EBADF,                                                        \
                        .lock = TREE_LOCK_NONE,                                                    \
                        .upper = UPPER_EMPTY })

/* Finds the tree that CONFIG names, opens it and reads what plan/ has to know about it.
 *
 * Returns 0, or a negative errno after one error line. Nothing is changed. */
int root_open(const Config *config, Root *ret_root, RootFacts *ret_facts, Arena *arena);

/* Once the settings are complete: opens what CONFIG wants the root to be made of besides the tree,
 * and adds what plan/ has to know about that to FACTS. 0 or a logged error. Nothing is changed. */
int root_open_layers(const Config *config, Root *root, RootFacts *facts, Arena *arena);

/* The directory to look for the payload's files in, as the tree, its layers and what was changed
 * before have them together. Borrowed, O_PATH; its paths are followed below it only. */
int root_view(const Root *root);

/* Ends the view, if there is one: before anything is written to what it shows. */
void root_close_view(Root *root);

/* Inside image/ only: reads the facts that depend on what is in the root. DATA_FD: what was changed
 * before, or -EBADF. Logged. */
int root_read_content(const Config *config,
                Root *root,
                int data_fd,
                RootFacts *facts,
                Arena *arena);

/* The I-th folder where machines are found by their names, the most important one first; NULL
 * behind the last. */
const char *root_machine_folder(size_t i);

/* The absolute path of FD, links resolved, in ARENA; or FALLBACK. */
const char *root_real_path(Arena *arena, int fd, const char *fallback);

/* Whether other users of the host can reach the directory FD. */
bool root_is_reachable(int fd);

/* Clones the tree as a detached mount into root->mount_fd, for one start. */
int root_clone(Root *root);

/* Removes the upper, releases the locks and closes everything, in any state. */
void root_done(Root *root);
