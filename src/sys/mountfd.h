/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Detached mounts, held as file descriptors.
 *
 * A mount made here is visible to nobody until mountfd_attach() puts it into a tree; closing the
 * descriptor before that is the whole undo. All attributes are MOUNT_ATTR_*, propagation is MS_*.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Clones the mount at PATH, relative to AT_FD, as a detached mount.
 *
 * at_fd:       directory that PATH is relative to, or AT_FDCWD; borrowed. With an empty PATH the
 *              mount at AT_FD itself.
 * recursive:   take the submounts too
 * propagation: MS_PRIVATE, or MS_SLAVE for a clone that sees what is mounted below PATH later, as
 *              far as its mount is shared; 0 leaves the clone in its source's peer group (fact 10)
 *
 * Returns a new O_CLOEXEC fd that the caller owns.
 * Errors: -ENOENT (no such path), -EPERM (no CAP_SYS_ADMIN over the mount namespace), -ENOMEM.
 * Source: open_tree(2), Linux 5.2. */
int mountfd_clone(int at_fd, const char *path, bool recursive, uint64_t propagation);

/* The kernel's own words about a mount that failed. */
typedef struct {
        char text[192]; /* "" if it said nothing */
} MountMessage;

/* Makes a new file system and a detached mount of it.
 *
 * type:       "tmpfs", "proc", …
 * options:    "name=value,flag", as mount(8) would take them; NULL for none. Quotes around a value
 *             keep its commas: "context=\"u:r:t:s0:c1,c2\""
 * attributes: of the mount
 *
 * Returns a new O_CLOEXEC fd that the caller owns; -EINVAL and others with the kernel's reason in
 * RET_MESSAGE (may be NULL). Source: fsopen(2), fsconfig(2), fsmount(2), Linux 5.2. */
int mountfd_new(const char *type,
                const char *options,
                uint64_t attributes,
                MountMessage *ret_message);

/* Sets and clears attributes of the mount at FD, and of its submounts if RECURSIVE: all or none.
 * Source: mount_setattr(2), Linux 5.12. */
int mountfd_set_attributes(int fd, bool recursive, uint64_t set, uint64_t clear);

/* Sets the propagation of the mount at FD: MS_SHARED, MS_SLAVE or MS_PRIVATE. */
int mountfd_set_propagation(int fd, bool recursive, uint64_t propagation);

/* Shows the files of the detached mount FD with their ids mapped by the user namespace USERNS_FD.
 *
 * Errors: -EINVAL (the file system cannot, or the mount is mapped already), -EPERM.
 * Source: mount_setattr(2), MOUNT_ATTR_IDMAP, Linux 5.12. */
int mountfd_set_idmap(int fd, bool recursive, int userns_fd);

/* Whether R says that a mount takes no id map: its file system cannot, it has one already, or it
 * was not mounted in our own user namespace, as nothing of the host's is in a container. */
static inline bool mountfd_is_unmappable(int r) {
        return r == -EINVAL || r == -EPERM;
}

/* Attaches the detached mount FD on top of TARGET_FD, which may be an O_PATH fd; both stay open.
 * FD then names the mount in its place. Source: move_mount(2), Linux 5.2. */
int mountfd_attach(int fd, int target_fd);
