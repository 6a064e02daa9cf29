/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/tree-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "sys/lock.h"

static int set_names(TreeLock *lock, int tree_fd, const char *path) {
        const char *slash = strrchr(path, '/');
        struct stat st;

        if (fstat(tree_fd, &st) < 0)
                return log_error_errno(-errno, "Failed to look at tree '%s'", path);

        (void)snprintf(lock->path, sizeof lock->path, LOCK_FOLDER "/inode-%lu:%lu",
                        (unsigned long)st.st_dev, (unsigned long)st.st_ino); /* always fits */
        if (!slash || slash[1] == '\0' ||
                        (size_t)snprintf(lock->beside_name, sizeof lock->beside_name, ".#%s.lck",
                                        slash + 1) >= sizeof lock->beside_name) {
                lock->beside_name[0] = '\0';
                return 0;
        }

        /* From the tree itself, not by its path: who can rename folders above must not choose where
         * we make and remove a file. */
        lock->folder_fd = openat(tree_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (lock->folder_fd < 0)
                return log_error_errno(-errno, "Failed to open the folder of tree '%s'", path);

        return 0;
}

static int lock_inode(TreeLock *lock, const char *path, bool shared) {
        int r;

        r = lock_make_folder();
        if (r < 0)
                return log_error_errno(r, "Failed to make '%s'", LOCK_FOLDER);

        lock->fd = lock_acquire(AT_FDCWD, lock->path, !shared);
        if (lock->fd < 0 && lock->fd != -EBUSY)
                return log_error_errno(lock->fd, "Failed to lock tree '%s'", path);

        return lock->fd < 0 ? lock->fd : 0;
}

static int lock_beside(TreeLock *lock, const char *path, bool shared) {
        int fd;

        if (lock->beside_name[0] == '\0')
                return 0;

        fd = lock->beside_fd = lock_acquire(lock->folder_fd, lock->beside_name, !shared);
        if (fd == -EROFS || fd == -EACCES || fd == -EPERM)
                return 0; /* Nobody can lock there; the lock by inode holds. */
        if (fd < 0 && fd != -EBUSY)
                return log_error_errno(fd, "Failed to lock tree '%s'", path);

        return fd < 0 ? fd : 0;
}

int tree_lock(int tree_fd, const char *path, bool shared, bool globally, TreeLock *ret_lock) {
        TreeLock lock = TREE_LOCK_NONE;
        int r;

        r = set_names(&lock, tree_fd, path);
        if (r >= 0 && globally)
                r = lock_inode(&lock, path, shared);
        if (r >= 0)
                r = lock_beside(&lock, path, shared);
        if (r < 0) {
                tree_lock_done(&lock);
                return r;
        }

        *ret_lock = lock;
        return 0;
}

void tree_lock_done(TreeLock *lock) {
        (void)lock_release(lock->fd, AT_FDCWD, lock->path);
        (void)lock_release(lock->beside_fd, lock->folder_fd, lock->beside_name);
        fd_close(lock->folder_fd);
        *lock = TREE_LOCK_NONE;
}

void tree_lock_sweep(const char *path) {
        CLEANUP_CLOSE int tree_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        TreeLock lock = TREE_LOCK_NONE;

        if (tree_fd < 0 || set_names(&lock, tree_fd, path) < 0)
                return;

        lock_sweep(AT_FDCWD, lock.path);
        if (lock.beside_name[0] != '\0')
                lock_sweep(lock.folder_fd, lock.beside_name);
        tree_lock_done(&lock);
}
