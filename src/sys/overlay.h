/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Overlays whose layers can be idmapped mounts.
 *
 * The ids of an overlay's files are those that its layers show, so a map goes onto a clone of each
 * layer, and nothing on disk is shifted: what the payload makes lands in the upper with the ids
 * that the lower has. What follows from that (facts 11 and 12 of tests/kernel):
 *
 *   - upper and work folder lie in one layer, and are made with host ids before it is mapped
 *   - the overlay is made with the file system ids of the payload's root; see
 *     credentials_act_as(). Otherwise the kernel cannot use the work folder and mounts read-only
 *     without a word
 *   - before Linux 6.15 a layer has to be part of a mount namespace
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id-range.h"
#include "sys/mountfd.h"

/* Makes a layer: a private clone of the mount at the directory FD, without its submounts.
 *
 * fd:        borrowed; may be an O_PATH fd, has to be in our mount namespace
 * userns_fd: shows the files with ids mapped by it, from idmap_open_namespace(); -EBADF: as is
 * scratch_fd: where to attach it, on top of what is there already: a folder that nothing looks at
 *            any more, in a mount namespace that ends soon. -EBADF: nowhere (Linux 6.15)
 *
 * Returns the mount, which the caller owns.
 * Errors: -EINVAL (FD is not in our namespace, or its file system cannot be mapped), -EPERM (it is
 * mapped already). */
int overlay_open_layer(int fd, int userns_fd, int scratch_fd);

/* Whether this kernel takes layers that are attached nowhere (Linux 6.15): one that does not
 * complains in its log when it is tried. */
bool overlay_takes_detached_layers(void);

typedef struct {
        const int *lower_fds; /* layers or folders in them, the lowest first; without an upper */
        size_t n_lowers;      /* at least two, else one */
        int upper_fd;         /* folders in one layer, neither inside the other; upper_fd is */
        int work_fd;          /* -EBADF for an overlay that only reads */
        const char *options;  /* further ones, "index=off,…", or NULL */
        uint64_t attributes;  /* MOUNT_ATTR_* */
} OverlayLayers;

/* Makes an overlay of LAYERS, whose descriptors stay the caller's; none is needed afterwards.
 *
 * To be called with the file system ids of whoever is root in the upper.
 *
 * Returns a detached mount that the caller owns.
 * Errors, with the kernel's reason in RET_MESSAGE (may be NULL): -EROFS (the upper or its file
 * system cannot be used: it is read-only, an overlay itself, vfat, NFS, or the ids are wrong),
 * -EINVAL (a layer's file system cannot be one, upper and work folder are not in one mount),
 * -EBUSY (upper or work folder are part of another overlay), -ELOOP (layers inside each other),
 * -E2BIG (too many lower layers). Before Linux 6.8 already 15 of them are -EINVAL.
 * Source: Documentation/filesystems/overlayfs.rst, fsconfig(2). */
int overlay_new(const OverlayLayers *layers, MountMessage *ret_message);
