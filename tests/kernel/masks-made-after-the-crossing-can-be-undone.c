/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 9: what the child mounts after the crossing is not locked, so the payload's root can remove
 * a mask over a part of the child's own proc, and make a read-only bind below it writable.
 *
 * For boot-tree: under a shifted user namespace /proc and /sys carry no masks; the ids are the
 * guard.
 *
 * Source: mount_namespaces(7); measured on 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

static void inside(const void *data) {
        struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
        int proc_fd, mask_fd, bind_fd;

        (void)data;

        proc_fd = CHECK_OK(mount_new("proc", /* options= */ NULL));
        CHECK_OK(mount_attach(proc_fd, "proc"));
        switch_root();

        mask_fd = CHECK_OK(mount_clone("/empty"));
        CHECK_OK(mount_attach(mask_fd, "/proc/kallsyms"));
        bind_fd = CHECK_OK(mount_clone("/proc/sys"));
        CHECK_OK(mount_change(bind_fd, MOUNT_ATTR_RDONLY, /* clear= */ 0));
        CHECK_OK(mount_attach(bind_fd, "/proc/sys"));

        CHECK_OK(umount2("/proc/kallsyms", MNT_DETACH));
        CHECK_OK(mount_setattr(AT_FDCWD, "/proc/sys", 0, &writable, sizeof writable));
        CHECK_OK(umount2("/proc/sys", MNT_DETACH));
}

void test(const TestBed *bed) {
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
                .base = SHIFT,
                .body = inside,
        };

        (void)bed;

        tree_enter();
        CHECK_OK(file_create("empty"));
        payload_run(&payload);
}
