/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 11: tmpfs can be idmapped since Linux 6.3; before, mount_setattr() gives EINVAL.
 *
 * For boot-tree: whether the root's file system can be idmapped is a Fact, tried, never assumed.
 *
 * Source: FS_ALLOW_IDMAP in mm/shmem.c; measured on 6.1 and 6.18.
 */

#include "kernel-test.h"

#include <errno.h>

void test(const TestBed *bed) {
        int fd;

        (void)bed;

        fd = CHECK_OK(mount_new("tmpfs", /* options= */ NULL));

        if (kernel_at_least(6, 3))
                CHECK_OK(mount_shift(fd));
        else
                CHECK_FAILS(mount_shift(fd), EINVAL);
}
