/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Copies of whole directory trees, with everything: owners, modes, times, extended attributes,
 * access control lists, hard links, holes, devices. Blocks are shared where the file system can.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

typedef struct {
        bool is_merge;        /* FROM_FD is what an overlay wrote: do the same to TO_FD */
        bool keeps_whiteouts; /* of a merge: what is removed stays hidden in the layers below */
        const struct stat *leave_out; /* a directory that is none of the tree; may be NULL */
        /* Called after each file, and now and then within large ones, with what was done since the
         * last call. Returns 0 to go on, or a negative errno, which ends the copy. May be NULL. */
        int (*progress)(void *userdata, unsigned n_files, uint64_t n_bytes);
        void *userdata;
} TreeCopyHow;

/* Copies what is in FROM_FD, and its attributes, to the directory TO_FD; both are borrowed and may
 * be O_PATH. Mount points are left out.
 *
 * Without is_merge TO_FD has to be empty. With it, what is there is replaced: a whiteout removes a
 * file or folder, an opaque directory replaces one, all else is laid over. A merge that was
 * interrupted can be repeated.
 *
 * Returns 0, -EEXIST, -EMEDIUMTYPE (a merge of something that only an overlay understands: a
 * redirect or a metacopy), -ESTALE (somebody else is at work in TO_FD), others of mkdir(2),
 * open(2), setxattr(2). After an error part of the work is done.
 * Source: Documentation/filesystems/overlayfs.rst. */
int tree_copy(int from_fd, int to_fd, const TreeCopyHow *how);
