/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who may run a tree: one writer or many readers, here and in systemd's own tools. Both of nspawn's
 * locks are taken: one by inode below /run, which finds a tree under any of its names, and one
 * beside the tree, which also works for hosts that share it over the network.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "image/root.h"
#include "sys/lock.h"

static int set_names(Root *root, const char *path) {
        const char *slash = strrchr(path, '/');
        struct stat st;

        if (fstat(root->tree_fd, &st) < 0)
                return log_error_errno(-errno, "Failed to look at tree '%s'", path);

        (void)snprintf(root->lock_path, sizeof root->lock_path, LOCK_FOLDER "/inode-%lu:%lu",
                        (unsigned long)st.st_dev, (unsigned long)st.st_ino); /* always fits */
        if (!slash || slash[1] == '\0' ||
                        (size_t)snprintf(root->beside_lock_name, sizeof root->beside_lock_name,
                                        ".#%s.lck", slash + 1) >= sizeof root->beside_lock_name) {
                root->beside_lock_name[0] = '\0';
                return 0;
        }

        /* From the tree itself, not by its path: who can rename folders above must not choose where
         * we make and remove a file. */
        root->beside_fd = openat(root->tree_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root->beside_fd < 0)
                return log_error_errno(-errno, "Failed to open the folder of tree '%s'", path);

        return 0;
}

static int lock_inode(Root *root, const char *path, bool shared) {
        int fd, r;

        r = lock_make_folder();
        if (r < 0)
                return log_error_errno(r, "Failed to make '%s'", LOCK_FOLDER);
        fd = lock_acquire(AT_FDCWD, root->lock_path, !shared);
        if (fd < 0)
                return fd == -EBUSY ? fd : log_error_errno(fd, "Failed to lock tree '%s'", path);

        root->lock_fd = fd;
        return 0;
}

static int lock_beside(Root *root, const char *path, bool shared) {
        int fd;

        if (root->beside_lock_name[0] == '\0')
                return 0;

        fd = lock_acquire(root->beside_fd, root->beside_lock_name, !shared);
        if (fd == -EROFS || fd == -EACCES || fd == -EPERM)
                return 0; /* Nobody can lock there; the lock by inode holds. */
        if (fd < 0)
                return fd == -EBUSY ? fd : log_error_errno(fd, "Failed to lock tree '%s'", path);

        root->beside_lock_fd = fd;
        return 0;
}

int root_lock(Root *root, const char *path, bool shared, bool globally) {
        int r;

        r = set_names(root, path);
        if (r < 0)
                return r;
        r = globally ? lock_inode(root, path, shared) : 0;
        if (r < 0)
                return r;

        return lock_beside(root, path, shared);
}

void root_sweep_locks(const char *path) {
        Root root = ROOT_NONE;

        root.tree_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root.tree_fd >= 0 && set_names(&root, path) >= 0) {
                lock_sweep(AT_FDCWD, root.lock_path);
                if (root.beside_lock_name[0] != '\0')
                        lock_sweep(root.beside_fd, root.beside_lock_name);
        }
        root_done(&root);
}

void root_done(Root *root) {
        root->lock_fd = lock_release(root->lock_fd, AT_FDCWD, root->lock_path);
        root->beside_lock_fd =
                        lock_release(root->beside_lock_fd, root->beside_fd, root->beside_lock_name);
        root->lock_path[0] = root->beside_lock_name[0] = '\0';
        root->beside_fd = fd_close(root->beside_fd);
        (void)upper_done(&root->upper); /* logged; usually done already */
        root->mount_fd = fd_close(root->mount_fd);
        root->tree_fd = fd_close(root->tree_fd);
}
