/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 9: in a proc without masks, the root of a shifted user namespace can write what is
 * namespaced (kernel.shmmax, net.*), not what belongs to the host's root (core_pattern, panic).
 * With a map that contains host id 0 it can: that map is no boundary.
 *
 * For boot-tree: no masks are needed with shifted ids, and --private-users=yes refuses base 0.
 *
 * The files are only opened for writing, never written.
 * Source: proc_sys_permission() in fs/proc/proc_sysctl.c; measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

static void enter_with_proc(void) {
        int fd;

        fd = CHECK_OK(mount_new("proc", /* options= */ NULL));
        CHECK_OK(mount_attach(fd, "proc"));
        switch_root();
}

static int open_for_writing(const char *path) {
        return open(path, O_WRONLY | O_CLOEXEC);
}

static void inside_shifted(const void *data) {
        (void)data;

        enter_with_proc();
        CHECK_OK(open_for_writing("/proc/sys/kernel/shmmax"));
        CHECK_OK(open_for_writing("/proc/sys/net/ipv4/ip_forward"));
        CHECK_FAILS(open_for_writing("/proc/sys/kernel/core_pattern"), EACCES);
        CHECK_FAILS(open_for_writing("/proc/sys/kernel/panic"), EACCES);
}

static void inside_identity(const void *data) {
        (void)data;

        enter_with_proc();
        CHECK_OK(open_for_writing("/proc/sys/kernel/core_pattern"));
}

void test(const TestBed *bed) {
        const uint64_t flags =
                        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET;
        const Payload shifted = { flags, .base = SHIFT, .body = inside_shifted };
        const Payload identity = { flags, .base = 0, .body = inside_identity };

        (void)bed;

        tree_enter();
        payload_run(&shifted);
        payload_run(&identity);
}
