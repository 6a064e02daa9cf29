/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/overlay-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "sys/file-copy.h"
#include "sys/tree.h"

static int open_folder(int folder_fd, const char *name) {
        int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int make_data(int folder_fd, const struct stat *like, int like_fd) {
        CLEANUP_CLOSE int fd = -EBADF;

        if (mkdirat(folder_fd, "data", 0700) < 0)
                return errno == EEXIST ? 0 : -errno;

        fd = open_folder(folder_fd, "data");
        if (fd < 0)
                return fd;
        return file_copy_attributes(like_fd, like, fd, MARKS_NONE);
}

int overlay_make_folder(int folder_fd, int like_fd) {
        struct stat like;
        int r;

        if (fstat(like_fd, &like) < 0)
                return -errno;

        r = make_data(folder_fd, &like, like_fd);
        if (r < 0)
                return r;

        r = tree_remove(folder_fd, "work");
        if (r < 0 && r != -ENOENT)
                return r;
        if (mkdirat(folder_fd, "work", 0700) < 0)
                return -errno;
        if (fchownat(folder_fd, "work", like.st_uid, like.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;

        return 0;
}

bool overlay_can_write_to(uint64_t magic) {
        /* Beyond linux/magic.h: what the file systems' own sources say. */
        static const uint64_t bad[] = {
                OVERLAYFS_SUPER_MAGIC,
                NFS_SUPER_MAGIC,
                SMB_SUPER_MAGIC,
                CIFS_SUPER_MAGIC,
                SMB2_SUPER_MAGIC,
                V9FS_MAGIC,
                AFS_FS_MAGIC,
                CODA_SUPER_MAGIC,
                0x00C36400, /* ceph */
                FUSE_SUPER_MAGIC,
                MSDOS_SUPER_MAGIC,
                EXFAT_SUPER_MAGIC,
                0x7366746E, /* ntfs3 */
                HPFS_SUPER_MAGIC,
                0x482B, /* hfsplus */
                ECRYPTFS_SUPER_MAGIC,
                RAMFS_MAGIC,
                SQUASHFS_MAGIC,
                EROFS_SUPER_MAGIC_V1,
                ISOFS_SUPER_MAGIC,
                CRAMFS_MAGIC,
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (magic == bad[i])
                        return false;

        return true;
}
