/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 7: the user namespace that gives an idmapped mount its mapping may belong to a short-lived
 * child; the mount keeps the mapping when the child and the fd are gone.
 *
 * For boot-tree: the root is idmapped during assembly, before the payload exists.
 *
 * Source: mount_setattr(2), "ID-mapped mounts"; measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_owner(const char *path, int64_t uid, int64_t gid) {
        struct stat status;

        CHECK_OK(lstat(path, &status));
        CHECK_EQ(status.st_uid, uid);
        CHECK_EQ(status.st_gid, gid);
}

void test(const TestBed *bed) {
        int fd;

        (void)bed;

        CHECK_OK(mkdir("source", 0755));
        CHECK_OK(mkdir("source/of-user", 0755));
        CHECK_OK(chown("source/of-user", 1000, 1001));
        CHECK_OK(mkdir("shifted", 0755));

        fd = CHECK_OK(mount_clone("source"));
        CHECK_OK(mount_shift(fd)); /* Its helper process is gone on return. */
        CHECK_OK(mount_attach(fd, "shifted"));
        (void)close(fd);

        check_owner("shifted", SHIFT, SHIFT);
        check_owner("shifted/of-user", SHIFT + 1000, SHIFT + 1001);
        check_owner("source/of-user", 1000, 1001);
}
