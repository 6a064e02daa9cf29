/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 6: a child that is already in its user namespace, and is moved to a cgroup afterwards, can
 * then unshare its cgroup namespace itself; the namespace's root is the cgroup it was moved to.
 *
 * For boot-tree: the way with a systemd scope, which wants a process to put into it.
 *
 * Source: cgroup_namespaces(7); measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void inside(const void *data) {
        const int *placed_fd = data;
        char byte, cgroups[4096];

        CHECK_EQ(read(*placed_fd, &byte, 1), 1);

        CHECK_OK(unshare(CLONE_NEWCGROUP));
        CHECK_OK(file_read("/proc/self/cgroup", cgroups, sizeof cgroups));
        CHECK_TEXT(strstr(cgroups, "0::"), "0::/\n");
}

void test(const TestBed *bed) {
        int placed[2];
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS,
                .base = SHIFT,
                .body = inside,
                .data = &placed[0],
        };
        char path[64], member[16];
        pid_t pid;

        if (bed->cgroup_fd < 0)
                skip("no writable cgroup2 here");

        CHECK_OK(pipe2(placed, O_CLOEXEC));
        pid = payload_start(&payload);

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d/cgroup.procs", bed->cgroup_fd);
        (void)snprintf(member, sizeof member, "%d", (int)pid);
        CHECK_OK(file_write(path, member));
        CHECK_EQ(write(placed[1], "", 1), 1);

        payload_wait(pid);
}
