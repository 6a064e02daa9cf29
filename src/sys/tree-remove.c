/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/tree-walk.h"
#include "sys/tree.h"

/* Takes away the attributes of the file FD (O_PATH) that forbid its removal. Only regular files and
 * directories have some; nothing else may be opened. */
static void unlock_file(int fd, mode_t mode) {
        CLEANUP_CLOSE int file_fd = -EBADF;
        char path[32];
        int flags;

        if (!S_ISREG(mode) && !S_ISDIR(mode))
                return;

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd); /* always fits */
        file_fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (file_fd < 0 || ioctl(file_fd, FS_IOC_GETFLAGS, &flags) < 0)
                return; /* Then it has none; the removal tells what is wrong. */
        flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
        (void)ioctl(file_fd, FS_IOC_SETFLAGS, &flags);
}

static int remove_entry(const TreeEntry *entry, int flags) {
        if (unlinkat(entry->parent_fd, entry->name, flags) == 0)
                return 0;
        if (errno != EPERM)
                return errno == ENOENT ? 0 : -errno;

        unlock_file(entry->fd, entry->st.st_mode);
        unlock_file(entry->parent_fd, S_IFDIR);
        return unlinkat(entry->parent_fd, entry->name, flags) < 0 ? -errno : 0;
}

static int remove_file(void *userdata, const TreeEntry *entry) {
        (void)userdata; /* One form for all visits. */
        return remove_entry(entry, 0);
}

static int remove_directory(void *userdata, const TreeEntry *entry) {
        (void)userdata; /* One form for all visits. */
        return remove_entry(entry, AT_REMOVEDIR);
}

int tree_remove(int parent_fd, const char *name) {
        static const TreeVisitor visitor = { .leave = remove_directory, .file = remove_file };
        CLEANUP_CLOSE int fd = -EBADF;
        int r;

        fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        r = tree_walk(fd, &visitor);
        if (r < 0)
                return r;

        return remove_entry(&(TreeEntry){ .parent_fd = parent_fd,
                                            .name = name,
                                            .fd = fd,
                                            .st = { .st_mode = S_IFDIR } },
                        AT_REMOVEDIR);
}
