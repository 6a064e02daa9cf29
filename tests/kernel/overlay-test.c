/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay-test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel-test.h"

static int layer_clone_shifted(const char *path) {
        int fd;

        fd = CHECK_OK(mount_clone(path));
        CHECK_OK(mount_shift(fd));

        /* Linux < 6.15: a detached mount cannot be a layer. */
        if (!kernel_at_least(6, 15))
                CHECK_OK(mount_attach(fd, path));

        return fd;
}

static void layer_set(int context_fd, const char *key, const char *old_key, int fd) {
        char path[64];

        if (kernel_at_least(6, 15)) {
                CHECK_OK(fsconfig(context_fd, FSCONFIG_SET_FD, key, NULL, fd));
                return;
        }

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        CHECK_OK(fsconfig(context_fd, FSCONFIG_SET_STRING, old_key, path, 0));
}

void overlay_make_layers(void) {
        CHECK_OK(mkdir("lower", 0755));
        CHECK_OK(file_create("lower/file"));
        CHECK_OK(mkdir("upper", 0755));
        CHECK_OK(mkdir("upper/up", 0755));
        CHECK_OK(mkdir("upper/work", 0755));
}

int overlay_new(void) {
        int context_fd, lower_fd, upper_fd, overlay_fd;

        lower_fd = layer_clone_shifted("lower");
        upper_fd = layer_clone_shifted("upper");

        context_fd = CHECK_OK(fsopen("overlay", FSOPEN_CLOEXEC));
        layer_set(context_fd, "lowerdir+", "lowerdir", lower_fd);
        layer_set(context_fd, "upperdir", "upperdir",
                        CHECK_OK(openat(upper_fd, "up", O_PATH | O_DIRECTORY | O_CLOEXEC)));
        layer_set(context_fd, "workdir", "workdir",
                        CHECK_OK(openat(upper_fd, "work", O_PATH | O_DIRECTORY | O_CLOEXEC)));

        CHECK_OK(fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
        overlay_fd = CHECK_OK(fsmount(context_fd, FSMOUNT_CLOEXEC, 0));
        (void)close(context_fd);

        return overlay_fd;
}
