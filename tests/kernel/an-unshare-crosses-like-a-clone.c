/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A process can enter its user namespace first and copy the mount namespace later: a child made
 * with CLONE_NEWUSER alone sees what is mounted meanwhile in the mount namespace that it shares,
 * and its own unshare(CLONE_NEWNS) then locks all of that, as CLONE_NEWNS at the clone would have.
 *
 * For boot-tree: the payload's side makes its network namespace, which takes long, while the
 * manager assembles the tree.
 *
 * Source: copy_mnt_ns() in fs/namespace.c looks at who owns the two namespaces, not at who made the
 * mounts; measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void inside(const void *data) {
        const int *go_fd = data;
        struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
        char byte;

        CHECK_EQ(read(*go_fd, &byte, 1), 1);
        CHECK_OK(chdir("tree"));
        CHECK_OK(unshare(CLONE_NEWNS));

        /* The working directory came along, with what was mounted on it and below. */
        CHECK_FAILS(file_create("file"), EROFS);
        CHECK_FAILS(mount_setattr(AT_FDCWD, ".", 0, &writable, sizeof writable), EPERM);
        CHECK_FAILS(umount2("below", MNT_DETACH), EINVAL);
        CHECK_OK(mount_attach(CHECK_OK(mount_new("tmpfs", /* options= */ NULL)), "below"));
}

void test(const TestBed *bed) {
        int ends[2], fd;
        const Payload payload = {
                CLONE_NEWUSER,
                .base = SHIFT,
                .body = inside,
                .data = &ends[0],
        };
        pid_t pid;

        (void)bed;

        CHECK_OK(mkdir("tree", 0755));
        CHECK_OK(pipe2(ends, O_CLOEXEC));
        pid = payload_start(&payload);

        CHECK_OK(mount_attach(CHECK_OK(mount_new("tmpfs", /* options= */ NULL)), "tree"));
        CHECK_OK(mkdir("tree/below", 0755));
        CHECK_OK(mount_attach(CHECK_OK(mount_new("tmpfs", /* options= */ NULL)), "tree/below"));
        fd = CHECK_OK(open("tree", O_PATH | O_DIRECTORY | O_CLOEXEC));
        CHECK_OK(mount_change(fd, MOUNT_ATTR_RDONLY, /* clear= */ 0));

        CHECK_EQ(write(ends[1], "", 1), 1);
        payload_wait(pid);
}
