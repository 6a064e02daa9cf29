/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 1: a mount that is attached before the clone with CLONE_NEWUSER | CLONE_NEWNS is locked in
 * the child's mount namespace: its root can neither make a read-only bind writable (EPERM) nor
 * unmount it (EINVAL). A mount that is attached after the crossing can be changed and removed.
 *
 * For boot-tree: assemble, then cross. What the payload must not undo is attached by the manager.
 *
 * Source: mount_namespaces(7), "Restrictions on mount namespaces"; measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void bind_read_only(const char *source, const char *target) {
        int fd;

        fd = CHECK_OK(mount_clone(source));
        CHECK_OK(mount_change(fd, MOUNT_ATTR_RDONLY, /* clear= */ 0));
        CHECK_OK(mount_attach(fd, target));
        (void)close(fd);
}

static int make_writable(const char *path) {
        struct mount_attr attributes = { .attr_clr = MOUNT_ATTR_RDONLY };

        return mount_setattr(AT_FDCWD, path, 0, &attributes, sizeof attributes);
}

static void inside(const void *data) {
        (void)data;

        CHECK_FAILS(make_writable("before"), EPERM);
        CHECK_FAILS(umount2("before", MNT_DETACH), EINVAL);

        bind_read_only("source", "after");
        CHECK_OK(make_writable("after"));
        CHECK_OK(umount2("after", 0));
}

void test(const TestBed *bed) {
        const Payload payload = { CLONE_NEWUSER | CLONE_NEWNS, .base = SHIFT, .body = inside };

        (void)bed;

        CHECK_OK(mkdir("source", 0755));
        CHECK_OK(mkdir("before", 0755));
        CHECK_OK(mkdir("after", 0755));
        bind_read_only("source", "before");

        payload_run(&payload);
}
