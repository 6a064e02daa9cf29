/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The folder that an overlay root writes to: data/ and work/ of sys/overlay, on disk or in memory.
 *
 * It is root's own: in data/ may be set-user-id files that the payload made. It outlives a reboot
 * inside, and whoever made it takes it away.
 */

#include <stdbool.h>

#include "base/arena.h"

typedef struct {
        int folder_fd; /* the folder, O_PATH; -EBADF: there is none */
        bool is_in_memory;
        int memory_fd;  /* in memory: a detached mount of it, for the next boot */
        int parent_fd;  /* on disk: the folder that it is made in */
        char name[300]; /* of what is to be removed there at the end, or "" */
} Upper;

/* In the folder: what has been thrown away and is not gone yet. */
#define UPPER_REMOVED "removed"

#define UPPER_EMPTY   ((Upper){ .folder_fd = -EBADF, .memory_fd = -EBADF, .parent_fd = -EBADF })

/* Makes the folder NAME, still empty, in upper->parent_fd, whose path is PATH, and holds a lock on
 * it. Folders there that nobody has locked, with names that differ from NAME only in the last 16
 * characters, are left from a host that went down, and are removed.
 *
 * Returns 0 or a logged error. */
int upper_make_on_disk(Upper *upper, const char *path, const char *name);

/* Opens the folder NAME in upper->parent_fd, whose path is PATH, to be kept; it is made if it is
 * missing, and locked. 0 or a logged error. */
int upper_open_folder(Upper *upper, const char *path, const char *name);

/* Writes down what LAYERS (absolute paths, the topmost first) the folder belongs to, for those who
 * look at it later; tells if it was used over others before. 0 or a logged error. */
int upper_note_layers(Upper *upper, const StringList *layers);

/* Makes the folder on a tmpfs with OPTIONS that nobody else sees. 0 or a logged error. */
int upper_make_in_memory(Upper *upper, const char *options);

/* Leaves the folder that upper_make_on_disk() has made to the next process of the same machine,
 * which a service manager is about to start: for a while nobody removes it. Closes all.
 * 0; or a logged error, and then it is not left. */
int upper_leave(Upper *upper);

/* Whether the folder PATH has been left like that, and not too long ago. */
bool upper_is_left(const char *path);

/* Takes over the folder NAME in upper->parent_fd, whose path is PATH, that was left; or makes it,
 * with a warning, if it is gone by now. 0 or a logged error. */
int upper_take_over(Upper *upper, const char *path, const char *name);

/* Removes what is to be removed, and closes all. 0 or a logged error. */
int upper_done(Upper *upper);

/* Removes the folder PATH that a killed run left. What is not a folder of that kind is left alone
 * with a warning: it must be root's own, closed to others, and its name must start with ".#".
 *
 * Returns 0, also if there is none, or a logged error. */
int upper_sweep(const char *path);
