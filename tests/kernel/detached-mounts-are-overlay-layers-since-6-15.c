/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 12: a detached mount can be a layer of an overlay since Linux 6.15. Before, it must be
 * attached somewhere first, and is then named by path.
 *
 * For boot-tree: both ways are needed while the baseline is 6.1.
 *
 * Source: measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void make_layers(int *ret_fds) {
        static const char *const names[] = { "one", "two" };

        for (size_t i = 0; i < 2; i++) {
                CHECK_OK(mkdir(names[i], 0755));
                ret_fds[i] = CHECK_OK(mount_clone(names[i]));
        }
}

static int create_overlay(const int *fds) {
        char layers[64];
        int context_fd;

        context_fd = CHECK_OK(fsopen("overlay", FSOPEN_CLOEXEC));
        (void)snprintf(layers, sizeof layers, "/proc/self/fd/%d:/proc/self/fd/%d", fds[0], fds[1]);
        if (fsconfig(context_fd, FSCONFIG_SET_STRING, "lowerdir", layers, 0) < 0)
                return -1;

        return fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

void test(const TestBed *bed) {
        int fds[2];

        (void)bed;

        make_layers(fds);
        if (kernel_at_least(6, 15)) {
                CHECK_OK(create_overlay(fds));
                return;
        }

        CHECK(create_overlay(fds) < 0);
        CHECK_OK(mount_attach(fds[0], "one"));
        CHECK_OK(mount_attach(fds[1], "two"));
        CHECK_OK(create_overlay(fds));
}
