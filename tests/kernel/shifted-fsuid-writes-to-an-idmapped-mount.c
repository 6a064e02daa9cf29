/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 16: through an idmapped mount the manager cannot create files as itself (EOVERFLOW: host id
 * 0 has no id on the mount). With fsuid and fsgid of the shifted root it can, and they belong to 0
 * on disk. With SECBIT_NO_SETUID_FIXUP its capabilities stay, so that it also may write where only
 * root may.
 *
 * For boot-tree: how files are written into the assembled root before the crossing.
 *
 * Source: setfsuid(2), capabilities(7); measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void set_fs_ids(uid_t id) {
        (void)setfsgid(id); /* These two return the old id, never an error. */
        (void)setfsuid(id);
}

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
        CHECK_OK(mkdir("source/of-user", 0700));
        CHECK_OK(chown("source/of-user", 1000, 1000));
        CHECK_OK(mkdir("shifted", 0755));
        fd = CHECK_OK(mount_clone("source"));
        CHECK_OK(mount_shift(fd));
        CHECK_OK(mount_attach(fd, "shifted"));

        CHECK_FAILS(mkdir("shifted/as-root", 0755), EOVERFLOW);
        CHECK_FAILS(file_create("shifted/as-root"), EOVERFLOW);

        set_fs_ids(SHIFT);
        CHECK_OK(mkdir("shifted/without-capabilities", 0755));
        CHECK_FAILS(file_create("shifted/of-user/file"), EACCES);
        set_fs_ids(0);

        CHECK_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
        set_fs_ids(SHIFT);
        CHECK_OK(file_create("shifted/of-user/file"));
        CHECK_OK(mkdir("shifted/directory", 0755));
        set_fs_ids(0);

        check_owner("shifted/directory", SHIFT, SHIFT);
        check_owner("source/directory", 0, 0);
        check_owner("source/of-user/file", 0, 0);
        check_owner("source/without-capabilities", 0, 0);
}
