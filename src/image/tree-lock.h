/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who may use a tree: one writer or many readers, here and in systemd's own tools. Both of nspawn's
 * locks are taken: one by inode below /run, which finds a tree under any of its names, and one
 * beside the tree, which also works for hosts that share it over the network.
 */

#include <stdbool.h>

typedef struct {
        int fd;
        int beside_fd;
        int folder_fd;         /* the folder that the tree is in */
        char path[128];        /* of the first one; "": none */
        char beside_name[300]; /* of the second one, in that folder; "": none */
} TreeLock;

#define TREE_LOCK_NONE ((TreeLock){ .fd = -EBADF, .beside_fd = -EBADF, .folder_fd = -EBADF })

/* Locks the tree TREE_FD (borrowed, O_PATH).
 *
 * path: of the tree, absolute, for messages and the lock beside it
 * globally: also by inode
 * Returns 0, -EBUSY (not logged: the caller knows who else uses it), or a logged error. */
int tree_lock(int tree_fd, const char *path, bool shared, bool globally, TreeLock *ret_lock);

/* Ends the locks and removes their files if nobody else has them, in any state. */
void tree_lock_done(TreeLock *lock);

/* Removes the lock files that a killed run on the tree PATH left. */
void tree_lock_sweep(const char *path);
