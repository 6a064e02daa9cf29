/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 20: a child in its own user and cgroup namespace can mount cgroup2 after the pivot, sees its
 * own cgroup as the root, and can make cgroups in it if the manager gave it the directory.
 *
 * For boot-tree: /sys/fs/cgroup is the child's own mount; delegation is one chown.
 *
 * Source: cgroup_namespaces(7); measured on 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

static void inside(const void *data) {
        int fd;

        (void)data;

        switch_root();
        fd = CHECK_OK(mount_new("cgroup2", /* options= */ NULL));
        CHECK_OK(mount_attach(fd, "/sys"));

        CHECK_OK(mkdir("/sys/below", 0755));
        CHECK_OK(rmdir("/sys/below"));
        /* The hierarchy's own root has no such file. */
        CHECK_OK(access("/sys/cgroup.events", R_OK));
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

        CHECK_OK(fchown(bed->cgroup_fd, SHIFT, SHIFT));
        tree_enter();
        payload_run(&payload);
}
