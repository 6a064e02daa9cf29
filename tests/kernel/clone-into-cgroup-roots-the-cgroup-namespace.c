/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 6: with CLONE_INTO_CGROUP and CLONE_NEWCGROUP in one clone3(), the root of the new cgroup
 * namespace is the target cgroup, not the parent's.
 *
 * For boot-tree: with an own cgroup nothing is left to do after the clone.
 *
 * Source: measured on 6.18 (the kernel's clone path finds the cgroup before it copies the
 * namespaces).
 */

#include "kernel-test.h"

#include <linux/sched.h>
#include <sched.h>
#include <string.h>

static void inside(const void *data) {
        char cgroups[4096];

        (void)data;

        CHECK_OK(file_read("/proc/self/cgroup", cgroups, sizeof cgroups));
        CHECK_TEXT(strstr(cgroups, "0::"), "0::/\n");
}

void test(const TestBed *bed) {
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_INTO_CGROUP,
                .base = SHIFT,
                .cgroup_fd = bed->cgroup_fd,
                .body = inside,
        };

        if (bed->cgroup_fd < 0)
                skip("no writable cgroup2 here");

        payload_run(&payload);
}
