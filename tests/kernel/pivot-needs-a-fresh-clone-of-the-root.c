/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 3: pivot_root() onto the inherited root mount fails (EINVAL: it is locked). A recursive
 * clone of it, attached on top and entered, can be pivoted to, and then nothing of the old root is
 * left. The mounts inside of the clone stay locked.
 *
 * For boot-tree: the child's way to its root is open_tree, move_mount, fchdir, pivot_root, umount2.
 *
 * Source: pivot_root(2), mount_namespaces(7); measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void inside(const void *data) {
        struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };

        (void)data;

        CHECK_FAILS(raw_pivot_root(".", "."), EINVAL);

        switch_root();
        CHECK_OK(access("/inside", F_OK));
        CHECK_OK(chdir("/.."));
        CHECK_OK(access("inside", F_OK));

        CHECK_FAILS(mount_setattr(AT_FDCWD, "/run", 0, &writable, sizeof writable), EPERM);
        CHECK_FAILS(umount2("/run", MNT_DETACH), EINVAL);
        CHECK_FAILS(umount2("/", MNT_DETACH), EINVAL);
}

void test(const TestBed *bed) {
        const Payload payload = { CLONE_NEWUSER | CLONE_NEWNS, .base = SHIFT, .body = inside };
        int fd;

        (void)bed;

        tree_enter();
        CHECK_OK(file_create("inside"));

        fd = CHECK_OK(mount_clone("tmp"));
        CHECK_OK(mount_change(fd, MOUNT_ATTR_RDONLY, /* clear= */ 0));
        CHECK_OK(mount_attach(fd, "run"));

        payload_run(&payload);
}
