/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 9: a proc with something bound over one of its files is not fully visible, so that a nested
 * container (or unshare -Urpf --mount-proc) cannot mount its own (EPERM). A second, clean instance
 * anywhere in the same mount namespace makes it possible again.
 *
 * For boot-tree: where a file below /proc must be replaced (boot_id), a clean instance is kept at
 * /run/host/proc.
 *
 * Source: mnt_already_visible() in fs/namespace.c; measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void attach_proc(const char *path) {
        int fd;

        fd = CHECK_OK(mount_new("proc", /* options= */ NULL));
        CHECK_OK(mount_attach(fd, path));
        (void)close(fd);
}

static void nested_may(const void *data) {
        (void)data;
        attach_proc("/proc");
}

static void nested_may_not(const void *data) {
        (void)data;
        CHECK_FAILS(mount_new("proc", /* options= */ NULL), EPERM);
}

static void inside(const void *data) {
        const uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID;
        const Payload may = { flags, .base = 0, .body = nested_may };
        const Payload may_not = { flags, .base = 0, .body = nested_may_not };
        int fd;

        (void)data;

        attach_proc("proc");
        switch_root();
        payload_run(&may); /* clean */

        CHECK_OK(file_create("/run/boot_id"));
        fd = CHECK_OK(mount_clone("/run/boot_id"));
        CHECK_OK(mount_attach(fd, "/proc/sys/kernel/random/boot_id"));
        payload_run(&may_not); /* masked */

        /* The bind is not locked for the child itself, so here it may still make one. */
        CHECK_OK(mkdir("/run/proc", 0700));
        attach_proc("/run/proc");
        payload_run(&may); /* masked, but there is a clean one */

        CHECK_OK(umount2("/run/proc", 0));
        payload_run(&may_not);
}

void test(const TestBed *bed) {
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
                .base = SHIFT,
                .body = inside,
        };

        (void)bed;

        tree_enter();
        payload_run(&payload);
}
