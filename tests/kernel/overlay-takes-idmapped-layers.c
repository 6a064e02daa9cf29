/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 12: an overlay of idmapped clones of its layers is a root for a user namespace without
 * shifting any id on disk: the payload's root owns the lower's files, and what it creates or chowns
 * lands unshifted in the upper. FSCONFIG_CMD_CREATE runs with the shifted root's fsuid and fsgid,
 * and with SECBIT_NO_SETUID_FIXUP, which lets the capabilities stay.
 *
 * For boot-tree: ephemeral and volatile roots under --private-users.
 *
 * Source: Documentation/filesystems/overlayfs.rst; Linux 5.19 for idmapped layers; measured on
 * 6.18.
 */

#include "kernel-test.h"

#include <linux/securebits.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "overlay-test.h"

static void inside(const void *data) {
        struct stat status;

        (void)data;

        switch_root();
        CHECK_OK(stat("/file", &status));
        CHECK_EQ(status.st_uid, 0);

        CHECK_OK(chown("/file", 1000, 1000)); /* copied up */
        CHECK_OK(file_create("/created"));
}

static void check_owner(const char *path, int64_t uid) {
        struct stat status;

        CHECK_OK(stat(path, &status));
        CHECK_EQ(status.st_uid, uid);
}

void test(const TestBed *bed) {
        const Payload payload = { CLONE_NEWUSER | CLONE_NEWNS, .base = SHIFT, .body = inside };
        int fd;

        (void)bed;

        CHECK_OK(mkdir("root", 0755));
        CHECK_OK(mkdir("layers", 0755));
        CHECK_OK(chdir("layers"));

        overlay_make_layers();
        CHECK_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
        (void)setfsgid(SHIFT); /* These two return the old id, never an error. */
        (void)setfsuid(SHIFT);
        fd = overlay_new();
        (void)setfsuid(0);
        (void)setfsgid(0);

        CHECK_OK(mount_attach(fd, "../root"));
        CHECK_OK(chdir("../root"));
        payload_run(&payload);
        CHECK_OK(chdir("../layers"));

        if (!kernel_at_least(6, 15)) /* There the shifted clones lie upon them. */
                return;

        check_owner("upper/up/file", 1000);
        check_owner("upper/up/created", 0);
        check_owner("lower/file", 0);
}
