/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/subvolume.h"

#include <errno.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>

static bool is_subvolume(int fd) {
        struct statfs fs;
        struct stat st;

        return fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC && fstat(fd, &st) == 0 &&
               st.st_ino == BTRFS_FIRST_FREE_OBJECTID;
}

/* Asked of any directory in a subvolume it is about all of that subvolume. */
static bool has_subvolumes(int fd) {
        struct btrfs_ioctl_get_subvol_rootref_args args = { 0 };

        return ioctl(fd, BTRFS_IOC_GET_SUBVOL_ROOTREF, &args) < 0 || args.num_items > 0;
}

int subvolume_snapshot(int from_fd, int parent_fd, const char *name) {
        struct btrfs_ioctl_vol_args_v2 args = { .fd = from_fd };

        if (strlen(name) >= sizeof args.name)
                return -ENAMETOOLONG;
        if (!is_subvolume(from_fd) || has_subvolumes(from_fd))
                return -EOPNOTSUPP;

        strcpy(args.name, name);
        if (ioctl(parent_fd, BTRFS_IOC_SNAP_CREATE_V2, &args) == 0)
                return 0;
        return errno == EXDEV || errno == ENOTTY || errno == EINVAL ? -EOPNOTSUPP : -errno;
}
