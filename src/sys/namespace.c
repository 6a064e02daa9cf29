/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/text.h"
#include "sys/kernel.h"

static void namespace_path(const char *kind, char ret_path[static 64]) {
        (void)snprintf(ret_path, 64, "/proc/self/ns/%s", kind); /* always fits */
}

int namespace_open_own(const char *kind) {
        char path[64];
        int fd;

        namespace_path(kind, path);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

bool namespace_is_supported(const char *kind) {
        char path[64];

        namespace_path(kind, path);
        /* Only one that is known not to be there is done without: what cannot be found out must not
         * make a machine that is less apart. */
        return access(path, F_OK) == 0 || errno != ENOENT;
}

bool namespace_is_first_of_users(void) {
        char target[64];
        ssize_t n = readlink("/proc/self/ns/user", target, sizeof target - 1);

        target[MAX_OF(n, 0)] = '\0';
        return text_equal(target, "user:[4026531837]");
}

static void home_done(MountHome *home) {
        home->namespace_fd = fd_close(home->namespace_fd);
        home->root_fd = fd_close(home->root_fd);
        home->directory_fd = fd_close(home->directory_fd);
}

int namespace_open_home(MountHome *ret_home) {
        MountHome home = {
                .namespace_fd = namespace_open_own("mnt"),
                .root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
                .directory_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC),
        };

        if (home.namespace_fd < 0 || home.root_fd < 0 || home.directory_fd < 0) {
                int r = home.namespace_fd < 0 ? home.namespace_fd : -errno;

                home_done(&home);
                return r;
        }

        *ret_home = home;
        return 0;
}

int namespace_return_home(MountHome *home) {
        if (home->namespace_fd < 0)
                return 0;

        if (setns(home->namespace_fd, CLONE_NEWNS) < 0)
                return -errno;
        if (fchdir(home->root_fd) < 0 || chroot(".") < 0 || fchdir(home->directory_fd) < 0)
                return -errno;

        home_done(home);
        return 0;
}

int namespace_unshare_mounts(void) {
        if (unshare(CLONE_NEWNS) < 0)
                return -errno;

        /* Slave, not private: unmounts on the host still reach us, so we pin nothing. */
        if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
                return -errno;

        return 0;
}

/* Writes "clock seconds nanoseconds" with a nanosecond part that is never negative. */
static int format_offset(char *text, size_t size, const char *clock, int64_t offset_us) {
        int64_t seconds = offset_us / (int64_t)USEC_PER_SEC;
        int64_t rest_us = offset_us % (int64_t)USEC_PER_SEC;

        if (rest_us < 0) {
                rest_us += (int64_t)USEC_PER_SEC;
                seconds--;
        }

        return snprintf(text, size, "%s %lld %lld\n", clock, (long long)seconds,
                        (long long)rest_us * (int64_t)NSEC_PER_USEC);
}

int namespace_unshare_time(int64_t boottime_offset_us, int64_t monotonic_offset_us) {
        char text[160];
        int n;

        if (unshare(CLONE_NEWTIME) < 0)
                return -errno;

        n = format_offset(text, sizeof text, "boottime", boottime_offset_us);
        (void)format_offset(text + n, sizeof text - (size_t)n, "monotonic", monotonic_offset_us);
        return io_write_file(AT_FDCWD, "/proc/self/timens_offsets", text);
}

int namespace_return(int fd) {
        if (setns(fd, 0) < 0)
                return -errno;

        return 0;
}
