/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Walking over a directory tree on disk.
 *
 * No path is ever followed: each name is opened below the descriptor of its directory, without
 * following a link and without crossing into another mount. A directory is read to its end before
 * anything in it is visited, and is left through "..", compared with where it was entered from: so
 * the depth of the tree costs memory but no descriptors, and what is visited may be removed.
 */

#include <sys/stat.h>

/* One file, of any type. All of it is borrowed, for the length of the visit. */
typedef struct {
        int parent_fd;    /* the directory that it is in, O_PATH */
        const char *name; /* in that directory */
        int fd;           /* the file itself, O_PATH */
        struct stat st;
} TreeEntry;

/* Returns 0 to go on, or a negative errno, which ends the walk. */
typedef int (*TreeVisit)(void *userdata, const TreeEntry *entry);

/* All visits may be NULL. */
typedef struct {
        TreeVisit enter; /* a directory before what is in it; 1: leave it out with all in it */
        TreeVisit leave; /* a directory after what is in it */
        TreeVisit file;  /* everything else */
        void *userdata;
} TreeVisitor;

/* Visits everything below the directory TREE_FD (borrowed, may be O_PATH), but not TREE_FD itself.
 * Mount points are left out, as is what is gone when its turn comes.
 *
 * Returns 0, what a visit returned, -ESTALE (a directory was moved under us), others of open(2).
 * Source: openat2(2) RESOLVE_NO_XDEV. */
int tree_walk(int tree_fd, const TreeVisitor *visitor);
