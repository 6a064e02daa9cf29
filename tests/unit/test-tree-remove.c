/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/tree.h"

typedef struct {
        char folder[40];
        int fd;
} Bed;

static int set_up(void **state) {
        Bed *bed = calloc(1, sizeof *bed);

        assert_non_null(bed);
        (void)snprintf(bed->folder, sizeof bed->folder, "/tmp/test-tree-remove-XXXXXX");
        assert_non_null(mkdtemp(bed->folder));
        bed->fd = open(bed->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(bed->fd >= 0);
        *state = bed;
        return 0;
}

static int tear_down(void **state) {
        Bed *bed = *state;

        (void)unlinkat(bed->fd, "kept/file", 0);
        (void)unlinkat(bed->fd, "kept", AT_REMOVEDIR);
        assert_int_equal(rmdir(bed->folder), 0);
        (void)close(bed->fd);
        free(bed);
        return 0;
}

static void make_file(int at_fd, const char *path) {
        int fd = openat(at_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        (void)close(fd);
}

static void remove_takes_all_types_and_no_link_s_target(void **state) {
        const Bed *bed = *state;

        assert_int_equal(mkdirat(bed->fd, "kept", 0755), 0);
        make_file(bed->fd, "kept/file");
        assert_int_equal(mkdirat(bed->fd, "tree", 0755), 0);
        assert_int_equal(mkdirat(bed->fd, "tree/closed", 0), 0);
        make_file(bed->fd, "tree/file");
        assert_int_equal(mkfifoat(bed->fd, "tree/fifo", 0600), 0);
        assert_int_equal(symlinkat("../kept", bed->fd, "tree/link"), 0);

        assert_int_equal(tree_remove(bed->fd, "tree"), 0);

        assert_int_equal(faccessat(bed->fd, "tree", F_OK, AT_SYMLINK_NOFOLLOW), -1);
        assert_int_equal(faccessat(bed->fd, "kept/file", F_OK, 0), 0);
}

static void remove_takes_a_tree_that_is_deeper_than_any_path(void **state) {
        enum { DEPTH = 3000 };
        const Bed *bed = *state;
        CLEANUP_CLOSE int fd = dup(bed->fd);

        assert_int_equal(mkdirat(fd, "tree", 0755), 0);
        for (int i = 0; i < DEPTH; i++) {
                int next = openat(fd, "tree", O_PATH | O_DIRECTORY | O_CLOEXEC);

                assert_true(next >= 0);
                fd_close(fd);
                fd = next;
                assert_int_equal(mkdirat(fd, "tree", 0755), 0);
        }

        assert_int_equal(tree_remove(bed->fd, "tree"), 0);
        assert_int_equal(tree_remove(bed->fd, "tree"), -ENOENT);
}

static int set_flag(const Bed *bed, const char *path, int flag) {
        CLEANUP_CLOSE int fd = openat(bed->fd, path, O_RDONLY | O_CLOEXEC);
        int flags;

        if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
                return -errno;
        flags |= flag;
        return ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 ? -errno : 0;
}

static void remove_takes_what_was_made_immutable(void **state) {
        const Bed *bed = *state;

        assert_int_equal(mkdirat(bed->fd, "tree", 0755), 0);
        assert_int_equal(mkdirat(bed->fd, "tree/folder", 0755), 0);
        make_file(bed->fd, "tree/folder/file");
        make_file(bed->fd, "tree/log");
        if (set_flag(bed, "tree/folder/file", FS_IMMUTABLE_FL) < 0) {
                assert_int_equal(tree_remove(bed->fd, "tree"), 0);
                print_message("machine lacks: root\n");
                skip();
        }
        assert_int_equal(set_flag(bed, "tree/log", FS_APPEND_FL), 0);
        assert_int_equal(set_flag(bed, "tree/folder", FS_IMMUTABLE_FL), 0);

        assert_int_equal(tree_remove(bed->fd, "tree"), 0);
}

static void remove_follows_no_link_in_the_place_of_the_tree(void **state) {
        const Bed *bed = *state;

        assert_int_equal(mkdirat(bed->fd, "kept", 0755), 0);
        make_file(bed->fd, "kept/file");
        assert_int_equal(symlinkat("kept", bed->fd, "tree"), 0);

        assert_int_equal(tree_remove(bed->fd, "tree"), -ENOTDIR);

        assert_int_equal(faccessat(bed->fd, "kept/file", F_OK, 0), 0);
        assert_int_equal(unlinkat(bed->fd, "tree", 0), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(remove_takes_all_types_and_no_link_s_target,
                        set_up,
                        tear_down),
        cmocka_unit_test_setup_teardown(remove_takes_a_tree_that_is_deeper_than_any_path,
                        set_up,
                        tear_down),
        cmocka_unit_test_setup_teardown(remove_takes_what_was_made_immutable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remove_follows_no_link_in_the_place_of_the_tree,
                        set_up,
                        tear_down),
};

UNIT_TEST_MAIN(tests)
