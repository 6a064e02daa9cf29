/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 4: in a user namespace, proc and sysfs can be mounted only while a fully visible instance is
 * in the mount namespace ("too revealing" otherwise, EPERM). So it works before the pivot, with the
 * host's tree still there, and not after it. cgroup2, mqueue, devpts and tmpfs have no such rule.
 *
 * For boot-tree: the child makes proc and sysfs before it switches the root.
 *
 * Source: mount_too_revealing() in fs/namespace.c; measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

static void check_unrestricted_types(void) {
        (void)close(CHECK_OK(mount_new("cgroup2", /* options= */ NULL)));
        (void)close(CHECK_OK(mount_new("mqueue", /* options= */ NULL)));
        (void)close(CHECK_OK(mount_new("devpts", /* options= */ NULL)));
        (void)close(CHECK_OK(mount_new("tmpfs", /* options= */ NULL)));
}

static void inside(const void *data) {
        (void)data;

        (void)close(CHECK_OK(mount_new("proc", /* options= */ NULL)));
        (void)close(CHECK_OK(mount_new("sysfs", /* options= */ NULL)));
        check_unrestricted_types();

        switch_root();
        CHECK_FAILS(mount_new("proc", /* options= */ NULL), EPERM);
        CHECK_FAILS(mount_new("sysfs", /* options= */ NULL), EPERM);
        check_unrestricted_types();
}

void test(const TestBed *bed) {
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                                CLONE_NEWCGROUP,
                .base = SHIFT,
                .body = inside,
        };

        (void)bed;

        tree_enter();
        payload_run(&payload);
}
