/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A root that is an overlay. It takes two steps, one on each side of entering the manager's private
 * mount namespace: directories can be cloned only in the namespace that their mounts are in, and
 * before Linux 6.15 an overlay takes only layers that are attached in ours.
 *
 * Owners are mapped layer by layer, since an overlay as a whole cannot be mapped (fact 12).
 */

#include <stdbool.h>
#include <stddef.h>

#include "image/upper.h"

enum { LAYERS_MAX = 128 };

typedef struct {
        int lower_fds[LAYERS_MAX]; /* detached clones, the lowest first */
        size_t n_lowers;
        int upper_fd;         /* detached clone of the upper's folder; -EBADF: there is none */
        int data_fd, work_fd; /* in it */
        Upper *upper;         /* borrowed, or NULL */
} Layers;

#define LAYERS_NONE ((Layers){ .upper_fd = -EBADF, .data_fd = -EBADF, .work_fd = -EBADF })

/* Adds the directory TREE_FD (borrowed) above those that were added before.
 *
 * PATH: for messages
 * userns_fd: maps its owners, or -EBADF to leave them
 * Returns 0 or a logged error. */
int layers_add(Layers *layers, int tree_fd, const char *path, int userns_fd);

/* Sets where the overlay writes. UPPER (borrowed) keeps what it holds for the next boot; LIKE_FD is
 * the topmost layer. In memory no owners are mapped: what is written there is gone before anybody
 * could ask for them. Logged. */
int layers_set_upper(Layers *layers, Upper *upper, int like_fd, int userns_fd);

typedef struct {
        int target_fd;       /* a directory in the private mount namespace, to attach layers to */
        const char *path;    /* of the tree, for messages */
        const char *options; /* of the overlay */
        unsigned act_as_id;  /* who makes the kernel's part of the upper: the payload's root */
} LayersMount;

/* Mounts the overlay, in the private mount namespace.
 * Returns a detached mount that the caller owns, or a logged error. */
int layers_mount(Layers *layers, const LayersMount *how);

/* Shows folders as an overlay of them would: the topmost first, at least two, read-only, with the
 * owners that they have on disk.
 *
 * layer_fds: borrowed, O_PATH
 * Returns a detached mount that the caller owns; errors as overlay_new(). Not logged. */
int layers_show(const int *layer_fds, size_t n_layers);

/* Closes everything, in any state. */
void layers_done(Layers *layers);
