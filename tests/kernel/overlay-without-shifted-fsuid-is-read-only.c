/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 12: when an overlay of idmapped layers is created with an fsuid that the layers do not map
 * (the manager's own, 0), the kernel cannot make work/work, and mounts read-only without an error.
 * Only the kernel log says so.
 *
 * For boot-tree: shift fsuid and fsgid around FSCONFIG_CMD_CREATE, and check the result.
 *
 * Source: ovl_make_workdir() in fs/overlayfs/super.c; measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "overlay-test.h"

void test(const TestBed *bed) {
        struct statvfs status;
        int fd;

        (void)bed;

        overlay_make_layers();
        fd = overlay_new();
        CHECK_OK(fstatvfs(fd, &status));
        CHECK_EQ(status.f_flag & ST_RDONLY, ST_RDONLY);
        CHECK_FAILS(mkdirat(fd, "directory", 0755), EROFS);
}
