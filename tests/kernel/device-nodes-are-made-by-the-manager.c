/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 5: device nodes cannot be made in a user namespace (EPERM), nor opened on a file system that
 * was mounted in one. Nodes that the manager makes on its own tmpfs, with uid= and gid= of the
 * shifted root, work inside, and belong to the root inside.
 *
 * For boot-tree: /dev, its tmpfs and its nodes are made before the crossing, on the fsmount() fd.
 *
 * Source: mknod(2), user_namespaces(7); measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void inside(const void *data) {
        struct stat status;

        (void)data;

        switch_root();

        CHECK_FAILS(mknod("/dev/zero", S_IFCHR | 0666, makedev(1, 5)), EPERM);
        CHECK_FAILS(mknod("/tmp/zero", S_IFCHR | 0666, makedev(1, 5)), EPERM);

        CHECK_OK(file_write("/dev/null", "text"));
        CHECK_OK(stat("/dev/null", &status));
        CHECK_EQ(status.st_uid, 65534); /* The host's root made it: the overflow uid. */
        CHECK_OK(stat("/dev", &status));
        CHECK_EQ(status.st_uid, 0);
        CHECK_OK(mkdir("/dev/shm", 0755));
}

void test(const TestBed *bed) {
        const Payload payload = { CLONE_NEWUSER | CLONE_NEWNS, .base = SHIFT, .body = inside };
        char shift[16];
        const char *const options[] = { "mode", "0755", "uid", shift, "gid", shift, NULL };
        int fd;

        (void)bed;

        tree_enter();
        (void)snprintf(shift, sizeof shift, "%d", SHIFT);

        fd = CHECK_OK(mount_new("tmpfs", options));
        CHECK_OK(mknodat(fd, "null", S_IFCHR | 0666, makedev(1, 3)));
        CHECK_OK(fchmodat(fd, "null", 0666, 0));
        CHECK_OK(mount_attach(fd, "dev"));

        payload_run(&payload);
}
