/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 9: with only a read-only sysfs in the mount namespace, a nested container cannot mount a
 * writable one (EPERM), a read-only one it can. A second, clean, writable instance anywhere in the
 * same mount namespace makes it possible.
 *
 * For boot-tree: where /sys is made read-only, a clean instance is kept at /run/host/sys.
 *
 * Source: mnt_already_visible() in fs/namespace.c; measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void attach_sysfs(const char *path, uint64_t attributes) {
        int fd;

        fd = CHECK_OK(mount_new("sysfs", /* options= */ NULL));
        CHECK_OK(mount_change(fd, attributes, /* clear= */ 0));
        CHECK_OK(mount_attach(fd, path));
        (void)close(fd);
}

static void nested_may(const void *data) {
        (void)data;
        attach_sysfs("/sys", 0);
}

static void nested_may_read_only(const void *data) {
        (void)data;

        CHECK_FAILS(mount_new("sysfs", /* options= */ NULL), EPERM);
        CHECK_OK(mount("sysfs", "/sys", "sysfs", MS_RDONLY, NULL));
}

static void inside(const void *data) {
        const uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET;
        const Payload may = { flags, .base = 0, .body = nested_may };
        const Payload may_read_only = { flags, .base = 0, .body = nested_may_read_only };

        (void)data;

        attach_sysfs("sys", MOUNT_ATTR_RDONLY);
        switch_root();

        /* The nested payload's id maps are written through a proc; it was made before the pivot. */
        payload_run(&may_read_only);

        CHECK_OK(mkdir("/run/sys", 0700));
        attach_sysfs("/run/sys", 0);
        payload_run(&may);
}

static void inside_with_proc(const void *data) {
        int fd;

        fd = CHECK_OK(mount_new("proc", /* options= */ NULL));
        CHECK_OK(mount_attach(fd, "proc"));
        inside(data);
}

void test(const TestBed *bed) {
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET,
                .base = SHIFT,
                .body = inside_with_proc,
        };

        (void)bed;

        tree_enter();
        payload_run(&payload);
}
