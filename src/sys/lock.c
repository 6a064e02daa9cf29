/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/macro.h"

/* A lock is on the whole file. A part of it, from here on, keeps others out just as well; and who
 * has only that for writing is about to remove the file. The tries last some milliseconds, for the
 * case that it is interrupted just then. */
enum { RELEASE_START = 1, LOCK_TRIES = 4096 };

int lock_make_folder(void) {
        static const char *const folders[] = { "/run/systemd", "/run/systemd/nspawn", LOCK_FOLDER };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if (mkdir(folders[i], i + 1 < ELEMENTSOF(folders) ? 0755 : 0700) < 0 &&
                                errno != EEXIST)
                        return -errno;

        return 0;
}

/* Locks all of FD. 0; -EBUSY if somebody else has it; -EAGAIN if that one is about to remove the
 * file, which lock_release() does with the next system call; -errno. */
static int lock_all(int fd, bool exclusive) {
        struct flock lock = {
                .l_type = (short)(exclusive ? F_WRLCK : F_RDLCK),
                .l_whence = SEEK_SET,
        };

        if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
                return 0;
        if (errno != EAGAIN && errno != EACCES)
                return -errno;

        if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
                return -errno;

        return lock.l_type == F_UNLCK || lock.l_start >= RELEASE_START ? -EAGAIN : -EBUSY;
}

int lock_acquire(int at_fd, const char *path, bool exclusive) {
        for (int tries = 0; tries < LOCK_TRIES; tries++) {
                CLEANUP_CLOSE int fd = -EBADF;
                struct stat ours, named;
                int r;

                fd = openat(at_fd, path,
                                O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                                0600);
                if (fd < 0)
                        return -errno;
                if (fstat(fd, &ours) < 0)
                        return -errno;
                if (!S_ISREG(ours.st_mode))
                        return -EBADFD;

                r = lock_all(fd, exclusive);
                if (r == -EAGAIN) {
                        (void)sched_yield(); /* never fails */
                        continue;
                }
                if (r < 0)
                        return r;

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

void lock_sweep(int at_fd, const char *path) {
        int fd = openat(at_fd, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

        (void)lock_release(fd, at_fd, path);
}

/* Makes the shared or exclusive lock of FD one that nobody shares, from RELEASE_START on. True if
 * FD may take the name away then.
 *
 * Two that share it may try at the same time, and each is in the other's way: then both give up
 * their part first, and one of the two gets all of it. Who comes second may find that the first has
 * taken the name away; another file can have it by now. */
static bool lock_for_release(int fd) {
        struct flock lock = {
                .l_type = F_WRLCK,
                .l_whence = SEEK_SET,
                .l_start = RELEASE_START,
        };
        struct stat st;

        if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
                return true;

        lock.l_type = F_UNLCK;
        if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
                return false;

        lock.l_type = F_WRLCK;
        return fcntl(fd, F_OFD_SETLK, &lock) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

int lock_release(int fd, int at_fd, const char *path) {
        /* Only who holds it alone may take the name away. What is kept in front of RELEASE_START
         * tells lock_acquire() that the file is in use no more, and to look again. */
        if (fd >= 0 && path[0] != '\0' && lock_for_release(fd))
                (void)unlinkat(at_fd, path, 0);

        return fd_close(fd);
}
