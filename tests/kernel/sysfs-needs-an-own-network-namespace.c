/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 9: a child that keeps the host's network namespace cannot mount sysfs (EPERM). A read-only
 * clone of the host's /sys that the manager attaches before the crossing works, and stays read-
 * only.
 *
 * For boot-tree: with the host's network, /sys is made by the manager.
 *
 * Source: sysfs_init_fs_context() in fs/sysfs/mount.c; measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

static void inside_own_network(const void *data) {
        (void)data;
        (void)close(CHECK_OK(mount_new("sysfs", /* options= */ NULL)));
}

static void inside_host_network(const void *data) {
        struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };

        (void)data;

        CHECK_FAILS(mount_new("sysfs", /* options= */ NULL), EPERM);

        switch_root();
        CHECK_OK(access("/sys/class/net/lo", F_OK));
        CHECK_FAILS(mount_setattr(AT_FDCWD, "/sys", 0, &writable, sizeof writable), EPERM);
}

void test(const TestBed *bed) {
        const Payload own_network = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET,
                .base = SHIFT,
                .body = inside_own_network,
        };
        const Payload host_network = {
                CLONE_NEWUSER | CLONE_NEWNS,
                .base = SHIFT,
                .body = inside_host_network,
        };
        int fd;

        (void)bed;

        tree_enter();
        fd = CHECK_OK(mount_clone("/sys"));
        CHECK_OK(mount_change(fd, MOUNT_ATTR_RDONLY, /* clear= */ 0));
        CHECK_OK(mount_attach(fd, "sys"));

        payload_run(&own_network);
        payload_run(&host_network);
}
