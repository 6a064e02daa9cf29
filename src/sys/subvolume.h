/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Subvolumes of btrfs: trees that can be copied as a whole without touching a file in them.
 */

/* Makes NAME in the folder PARENT_FD a writable snapshot of the directory FROM_FD. Both are
 * borrowed and open for reading.
 *
 * Returns 0 or -errno; -EOPNOTSUPP if that cannot be, and the files have to be copied: FROM_FD is
 * no subvolume, has others in it (a snapshot would show empty folders there), or is on another file
 * system. Source: btrfs-ioctl(2), linux/btrfs.h. */
int subvolume_snapshot(int from_fd, int parent_fd, const char *name);
