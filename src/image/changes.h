/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an overlay has written, looked at and dealt with from outside: the folder that --upper=
 * keeps, or that a machine which runs writes to.
 *
 * Nothing in it or in the layers is trusted: no link is followed, no mount is crossed, and what
 * only the kernel's overlay can understand is left to it or refused.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct {
        Arena arena;
        const char *path;  /* of the folder */
        int folder_fd;     /* of it; locked if it is to be changed */
        int data_fd;       /* data/ in it; -EBADF: nothing has been written yet */
        StringList layers; /* what it was written over, the topmost first; once they are needed */
        int *layer_fds;    /* O_PATH, one for each */
} Changes;

#define CHANGES_NONE ((Changes){ .folder_fd = -EBADF, .data_fd = -EBADF })

/* Opens the folder PATH.
 *
 * exclusively: to change it; that fails while a machine uses it
 * Returns 0 or a logged error. End with changes_done() in any case. */
int changes_open(const char *path, bool exclusively, Changes *ret_changes);

void changes_done(Changes *changes);

typedef enum {
        CHANGE_ADDED,
        CHANGE_CHANGED,  /* in content, owner, mode or type; perhaps only written anew */
        CHANGE_MOVED,    /* a directory that was somewhere else */
        CHANGE_REPLACED, /* a new directory: nothing of what was there before shows in it */
        CHANGE_REMOVED,
        CHANGE_MAX,
} ChangeKind;

typedef struct {
        ChangeKind kind;
        const char *path; /* from the root on, "/etc/hosts" */
        const char *type; /* file, directory, link, fifo, socket, device; if removed: what it was */
        const char *from; /* CHANGE_MOVED: where it was; else NULL */
} Change;

/* Lists what has changed, sorted by path. Directories are left out if only something in them has;
 * of a removed one only itself is listed. 0 or a logged error; the list lives in changes->arena. */
int changes_list(Changes *changes, Change **ret_items, size_t *ret_n_items);

/* Puts what has changed into the topmost layer, the tree. A run that is interrupted can be
 * repeated: until then the overlay shows the same as before. Logged; refused if the tree is in
 * use. */
int changes_merge(Changes *changes);

/* Makes PATH, which must not exist, a tree of all layers with the changes. HIDDEN_NAME: see
 * new_tree_begin(). Logged. */
int changes_copy(Changes *changes, const char *path, const char *hidden_name);

/* Throws away what has changed, at once or not at all. Logged. */
int changes_reset(Changes *changes);

/* Inside image/ only: opens the layers; who needs them calls it. Logged. */
int changes_open_layers(Changes *changes);
