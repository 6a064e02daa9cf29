/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 19: writing to cgroup.kill kills the init of a pid namespace and all its members, whatever
 * signals they ignore.
 *
 * For boot-tree: the last resort against a hostile PID 1, and what the next start of a name does
 * first.
 *
 * Source: Documentation/admin-guide/cgroup-v2.rst, Linux 5.14; measured on 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void inside(const void *data) {
        const int *forked_fd = data;

        CHECK_OK(fork()); /* two processes, both wait */
        CHECK_EQ(write(*forked_fd, "", 1), 1);
        for (;;)
                (void)pause();
}

static void path_in_cgroup(const TestBed *bed, const char *name, char *buffer, size_t size) {
        (void)snprintf(buffer, size, "/proc/self/fd/%d/%s", bed->cgroup_fd, name);
}

void test(const TestBed *bed) {
        int forked[2], status;
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_INTO_CGROUP,
                .base = SHIFT,
                .cgroup_fd = bed->cgroup_fd,
                .body = inside,
                .data = &forked[1],
        };
        char path[64], events[128], byte;
        pid_t pid;

        if (bed->cgroup_fd < 0)
                skip("no writable cgroup2 here");

        CHECK_OK(pipe2(forked, O_CLOEXEC));
        pid = payload_start(&payload);
        CHECK_EQ(read(forked[0], &byte, 1), 1);
        CHECK_EQ(read(forked[0], &byte, 1), 1);

        path_in_cgroup(bed, "cgroup.kill", path, sizeof path);
        CHECK_OK(file_write(path, "1"));
        CHECK_OK(waitpid(pid, &status, 0));
        CHECK(WIFSIGNALED(status));
        CHECK_EQ(WTERMSIG(status), SIGKILL);

        path_in_cgroup(bed, "cgroup.events", path, sizeof path);
        CHECK_OK(file_read(path, events, sizeof events));
        CHECK(strstr(events, "populated 0\n") != NULL);
}
