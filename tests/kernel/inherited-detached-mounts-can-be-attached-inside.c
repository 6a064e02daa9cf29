/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 15: a child in a new user and mount namespace can attach a detached mount (from open_tree()
 * or fsmount()) that the manager made before the clone.
 *
 * For boot-tree: binds that belong below what the child mounts itself (/proc, /sys). What is
 * attached so is not locked, nor are its submounts: the payload's root can unmount it, and can make
 * writable what the manager had made read-only.
 *
 * Source: measured on 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Detached {
        int cloned_fd;
        int created_fd;
        int file_fd;
} Detached;

static void inside(const void *data) {
        struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
        const Detached *detached = data;
        int proc_fd;

        proc_fd = CHECK_OK(mount_new("proc", /* options= */ NULL));
        CHECK_OK(mount_attach(proc_fd, "proc"));
        CHECK_OK(mount_attach(detached->cloned_fd, "run"));
        switch_root();
        CHECK_OK(access("/run/file", F_OK));

        CHECK_OK(mount_attach(detached->created_fd, "/tmp"));
        CHECK_OK(mount_attach(detached->file_fd, "/proc/sys/kernel/random/boot_id"));

        CHECK_OK(mount_setattr(AT_FDCWD, "/run", 0, &writable, sizeof writable));
        CHECK_OK(file_write("/run/file", "text"));

        CHECK_OK(umount2("/run", MNT_DETACH));
        CHECK_OK(umount2("/tmp", MNT_DETACH));
        CHECK_OK(umount2("/proc/sys/kernel/random/boot_id", MNT_DETACH));
}

void test(const TestBed *bed) {
        Detached detached;
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
                .base = SHIFT,
                .body = inside,
                .data = &detached,
        };

        (void)bed;

        CHECK_OK(mkdir("source", 0755));
        CHECK_OK(file_create("source/file"));
        CHECK_OK(chown("source/file", SHIFT, SHIFT));
        detached = (Detached){
                .cloned_fd = CHECK_OK(mount_clone("source")),
                .created_fd = CHECK_OK(mount_new("tmpfs", /* options= */ NULL)),
                .file_fd = CHECK_OK(mount_clone("source/file")),
        };
        CHECK_OK(mount_change(detached.cloned_fd, MOUNT_ATTR_RDONLY, /* clear= */ 0));

        tree_enter();
        payload_run(&payload);
}
