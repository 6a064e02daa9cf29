/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 10: a tree cloned with open_tree() stays in the peer group of its source: what is mounted in
 * the source later appears in the clone, and the other way round. Made private while detached it is
 * cut off; made a slave it only receives.
 *
 * For boot-tree: propagation is set on every clone before it is attached (a systemd host shares
 * all).
 *
 * Source: mount_namespaces(7), "Shared subtrees"; measured on 6.18.
 */

#include "kernel-test.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void attach_tmpfs(const char *path) {
        int fd;

        fd = CHECK_OK(mount_new("tmpfs", /* options= */ NULL));
        CHECK_OK(mount_attach(fd, path));
        (void)close(fd);
}

static bool is_mount_point(const char *directory, const char *name) {
        struct stat above, below;
        char path[64];

        (void)snprintf(path, sizeof path, "%s/%s", directory, name);
        CHECK_OK(stat(directory, &above));
        CHECK_OK(stat(path, &below));

        return above.st_dev != below.st_dev;
}

/* propagation: MS_PRIVATE, MS_SLAVE or 0 for what open_tree() gives. */
static void check_propagation(uint64_t propagation, bool receives, bool sends) {
        struct mount_attr attributes = { .propagation = propagation };
        int fd;

        attach_tmpfs("source");
        CHECK_OK(mount(NULL, "source", NULL, MS_SHARED, NULL));
        CHECK_OK(mkdir("source/later", 0755));
        CHECK_OK(mkdir("source/back", 0755));

        fd = CHECK_OK(mount_clone("source"));
        CHECK_OK(mount_setattr(fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
        CHECK_OK(mount_attach(fd, "clone"));
        (void)close(fd);

        attach_tmpfs("source/later");
        CHECK_EQ(is_mount_point("clone", "later"), receives);
        attach_tmpfs("clone/back");
        CHECK_EQ(is_mount_point("source", "back"), sends);

        CHECK_OK(umount2("clone", MNT_DETACH));
        CHECK_OK(umount2("source", MNT_DETACH));
}

void test(const TestBed *bed) {
        (void)bed;

        CHECK_OK(mkdir("source", 0755));
        CHECK_OK(mkdir("clone", 0755));

        check_propagation(0, /* receives= */ true, /* sends= */ true);
        check_propagation(MS_SLAVE, /* receives= */ true, /* sends= */ false);
        check_propagation(MS_PRIVATE, /* receives= */ false, /* sends= */ false);
}
