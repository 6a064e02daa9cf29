/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whole directory trees on disk.
 */

#include <stdint.h>

/* Moves the owners of everything below TREE_FD, and of it, into the range of 65536 ids at BASE, a
 * multiple of 65536: an id keeps its lower 16 bits. Access control lists and the root id of file
 * capabilities follow, set-user-id and set-group-id bits stay. What is in the range already is left
 * alone, so an interrupted run can be repeated; the top directory comes last and marks the end.
 *
 * Not entered and not changed: links' targets, other mounts below the tree with the directory under
 * them (subvolumes of the same mount are part of the tree), and files that have a link outside the
 * tree, since they belong to somebody else as well.
 *
 * tree_fd: borrowed, may be O_PATH. Nobody else may move files in the tree meanwhile.
 *
 * Returns how many files were left alone because of a link outside, usually 0; or -EROFS, -EPERM
 * (immutable file), -ESTALE (the tree was changed under us), others of chown(2). After an error
 * part of the work is done.
 * Source: chown(2), acl(5) and linux/posix_acl_xattr.h, capabilities(7) "File capability
 * extended attribute versioning", openat2(2) RESOLVE_NO_XDEV. */
int tree_shift_owners(int tree_fd, uint32_t base);

/* Removes the directory NAME in PARENT_FD with everything below it, whatever its payload has made
 * of it: files that the kernel would not let go (chattr +i) included.
 *
 * Returns 0, -ENOENT, -ENOTDIR, -EBUSY (something is mounted in it), others of unlink(2). */
int tree_remove(int parent_fd, const char *name);
