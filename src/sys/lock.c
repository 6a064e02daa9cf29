/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/macro.h"

int lock_make_folder(void) {
        static const char *const folders[] = { "/run/systemd", "/run/systemd/nspawn", LOCK_FOLDER };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if (mkdir(folders[i], i + 1 < ELEMENTSOF(folders) ? 0755 : 0700) < 0 &&
                                errno != EEXIST)
                        return -errno;

        return 0;
}

int lock_acquire(int at_fd, const char *path, bool exclusive) {
        struct flock lock = {
                .l_type = (short)(exclusive ? F_WRLCK : F_RDLCK),
                .l_whence = SEEK_SET,
        };

        for (int tries = 0; tries < 16; tries++) {
                CLEANUP_CLOSE int fd = -EBADF;
                struct stat ours, named;

                fd = openat(at_fd, path,
                                O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                                0600);
                if (fd < 0)
                        return -errno;
                if (fstat(fd, &ours) < 0)
                        return -errno;
                if (!S_ISREG(ours.st_mode))
                        return -EBADFD;

                if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
                        return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;

                if (fstatat(at_fd, path, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                                named.st_ino == ours.st_ino && named.st_dev == ours.st_dev)
                        return TAKE_FD(fd);
                /* The last holder removed it under us: take the new one. */
        }

        return -EBUSY;
}

int lock_is_held(int at_fd, const char *path) {
        struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
        CLEANUP_CLOSE int fd = -EBADF;

        fd = openat(at_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
                return -errno;

        return lock.l_type != F_UNLCK;
}

int lock_release(int fd, int at_fd, const char *path) {
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        /* Only who holds it alone may take the name away; lock_acquire() copes with the race. */
        if (fd >= 0 && path[0] != '\0' && fcntl(fd, F_OFD_SETLK, &lock) == 0)
                (void)unlinkat(at_fd, path, 0);

        return fd_close(fd);
}
