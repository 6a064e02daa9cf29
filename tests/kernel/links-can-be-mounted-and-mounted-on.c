/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A mount can cover a symbolic link itself, and its root can be one; whoever walks over the name
 * finds what was mounted and follows that.
 *
 * For boot-tree: a tree's /etc/resolv.conf and /etc/localtime, mostly links, are covered by name.
 * Following them would cover a file that others use, or one that is not there.
 *
 * Source: open_tree(2), move_mount(2); measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int clone_entry(const char *path) {
        return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
}

static void cover(int mount_fd, const char *path) {
        int target_fd = CHECK_OK(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC));

        CHECK_OK(move_mount(mount_fd, "", target_fd, "",
                        MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
        CHECK_OK(close(target_fd));
        CHECK_OK(close(mount_fd));
}

void test(const TestBed *bed) {
        char text[16] = "";

        (void)bed;
        CHECK_OK(file_create("one"));
        CHECK_OK(file_write("one", "1"));
        CHECK_OK(file_create("two"));
        CHECK_OK(file_write("two", "2"));
        CHECK_OK(symlink("one", "to-one"));
        CHECK_OK(symlink("two", "to-two"));
        CHECK_OK(symlink("nothing", "to-nothing"));

        cover(CHECK_OK(clone_entry("two")), "to-nothing");
        CHECK_OK(file_read("to-nothing", text, sizeof text));
        CHECK_TEXT(text, "2");

        cover(CHECK_OK(clone_entry("to-two")), "to-one");
        CHECK_OK(file_read("to-one", text, sizeof text));
        CHECK_TEXT(text, "2");
        CHECK_EQ(readlink("to-one", text, sizeof text), 3);
        CHECK_OK(file_read("one", text, sizeof text));
        CHECK_TEXT(text, "1");

        CHECK_FAILS(umount2("to-one", 0), EINVAL); /* which follows it */
        CHECK_OK(umount2("to-one", UMOUNT_NOFOLLOW));
        CHECK_OK(umount2("to-nothing", 0));
}
