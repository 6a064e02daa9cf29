/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 2: a directory fd of the manager's mount namespace is no target for the child (move_mount
 * gives EINVAL: it is still the other namespace's mount). The working directory, however, is
 * translated by the clone: paths relative to it name the child's own copy.
 *
 * For boot-tree: fchdir to the assembled root, then copy the mount namespace.
 *
 * Source: copy_mnt_ns() in fs/namespace.c moves fs->pwd and fs->root only; measured on 6.1 and
 * 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void inside(const void *data) {
        const int *target_fd = data;
        int fd;

        fd = CHECK_OK(mount_new("tmpfs", /* options= */ NULL));
        CHECK_FAILS(move_mount(fd, "", *target_fd, "",
                                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
                        EINVAL);
        CHECK_FAILS(move_mount(fd, "", *target_fd, "below", MOVE_MOUNT_F_EMPTY_PATH), EINVAL);

        CHECK_OK(mount_attach(fd, "target/below"));
}

void test(const TestBed *bed) {
        int target_fd;
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS,
                .base = SHIFT,
                .body = inside,
                .data = &target_fd,
        };

        (void)bed;

        CHECK_OK(mkdir("target", 0755));
        CHECK_OK(mkdir("target/below", 0755));
        target_fd = CHECK_OK(open("target", O_PATH | O_DIRECTORY | O_CLOEXEC));

        payload_run(&payload);
}
