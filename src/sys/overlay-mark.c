/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/overlay-mark.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* By path, since getxattr() refuses O_PATH descriptors. */
static ssize_t read_mark(int fd, const char *name, char *buffer, size_t size) {
        char path[32], attribute[64];

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd); /* always fits */
        (void)snprintf(attribute, sizeof attribute, "trusted.overlay.%s", name);
        return getxattr(path, attribute, buffer, size);
}

bool overlay_is_whiteout(int fd, const struct stat *st) {
        if (S_ISCHR(st->st_mode))
                return st->st_rdev == makedev(0, 0);

        return S_ISREG(st->st_mode) && st->st_size == 0 && overlay_has_mark(fd, "whiteout");
}

bool overlay_has_mark(int fd, const char *name) {
        return read_mark(fd, name, NULL, 0) >= 0;
}

ssize_t overlay_read_mark(int fd, const char *name, char *buffer, size_t size) {
        ssize_t n = read_mark(fd, name, buffer, size - 1);

        if (n < 0)
                return -errno;

        buffer[n] = '\0';
        return n;
}
