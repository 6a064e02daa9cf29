/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 6: one clone3() makes the child with all namespaces, its pidfd, and in its cgroup.
 *
 * For boot-tree: no second fork, no helper process for the id maps.
 *
 * Source: clone(2), Linux 5.7 for CLONE_INTO_CGROUP; measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const NAMESPACES[] = { "user", "mnt", "pid", "uts", "ipc", "net", "cgroup" };

static void check_namespaces_differ(pid_t pid) {
        for (size_t i = 0; i < sizeof NAMESPACES / sizeof *NAMESPACES; i++) {
                char path[64];
                struct stat ours, theirs;

                (void)snprintf(path, sizeof path, "/proc/self/ns/%s", NAMESPACES[i]);
                CHECK_OK(stat(path, &ours));
                (void)snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, NAMESPACES[i]);
                CHECK_OK(stat(path, &theirs));
                CHECK(ours.st_ino != theirs.st_ino);
        }
}

static void check_is_member(int cgroup_fd, pid_t pid) {
        char path[64], members[64], expected[16];

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d/cgroup.procs", cgroup_fd);
        CHECK_OK(file_read(path, members, sizeof members));
        (void)snprintf(expected, sizeof expected, "%d\n", (int)pid);
        CHECK_TEXT(members, expected);
}

void test(const TestBed *bed) {
        int pidfd = -EBADF;
        struct clone_args arguments = {
                .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
                         CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_PIDFD | CLONE_INTO_CGROUP,
                .pidfd = (uint64_t)(uintptr_t)&pidfd,
                .exit_signal = SIGCHLD,
                .cgroup = (uint64_t)bed->cgroup_fd,
        };
        struct pollfd ended;
        pid_t pid;

        if (bed->cgroup_fd < 0)
                skip("no writable cgroup2 here");

        pid = CHECK_OK(raw_clone3(&arguments, sizeof arguments));
        if (pid == 0)
                for (;;)
                        (void)pause();

        check_namespaces_differ(pid);
        check_is_member(bed->cgroup_fd, pid);

        CHECK_OK(kill(pid, SIGKILL));
        ended = (struct pollfd){ .fd = pidfd, .events = POLLIN };
        CHECK_EQ(poll(&ended, 1, 5000), 1);
        CHECK_OK(waitpid(pid, NULL, 0));
}
