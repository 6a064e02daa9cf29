/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "sys/mountfd.h"

int export_open(const Plan *plan) {
        CLEANUP_CLOSE int fd = -EBADF, target_fd = -EBADF;
        const char *folder = plan->export_folder;
        MountMessage message = { 0 };
        int r = 0;

        if (!folder)
                return 0;

        if ((mkdir(EXPORT_FOLDER, 0755) < 0 && errno != EEXIST) ||
                        (mkdir(folder, 0755) < 0 && errno != EEXIST))
                return log_error_errno(-errno, "Failed to make '%s'", folder);

        fd = mountfd_new("tmpfs", plan->export_options,
                        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                        MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW,
                        &message);
        if (fd < 0)
                return log_error_hint(fd, message.text[0] ? message.text : NULL,
                                "Failed to make tmpfs for '%s'", folder);
        target_fd = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (target_fd < 0)
                r = -errno;
        if (r >= 0)
                r = mountfd_attach(fd, target_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to mount on '%s'", folder);

        return 0;
}

void export_remove(const char *name) {
        char path[sizeof EXPORT_FOLDER + 65];

        (void)snprintf(path, sizeof path, "%s/%s", EXPORT_FOLDER, name); /* names have 64 at most */
        if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
                log_debug_errno(-errno, "Failed to unmount '%s'", path);
        if (rmdir(path) < 0 && errno != ENOENT)
                log_debug_errno(-errno, "Failed to remove '%s'", path);
}
