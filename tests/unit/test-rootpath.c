/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Mount points in a tree that another has made. The tree is a folder of its own below /tmp, and
 * "outside" lies beside it.
 */

#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/rootpath.h"

typedef struct {
        char top[64];
        int top_fd;
        int root_fd; /* of "tree" in it */
} Bed;

static int remove_file(const char *path, const struct stat *st, int type, struct FTW *where) {
        (void)st;
        (void)type;
        (void)where;
        return remove(path);
}

static int bed_make(void **state) {
        Bed *bed = calloc(1, sizeof *bed);

        assert_non_null(bed);
        strcpy(bed->top, "/tmp/test-rootpath.XXXXXX");
        assert_non_null(mkdtemp(bed->top));
        bed->top_fd = open(bed->top, O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(mkdirat(bed->top_fd, "tree", 0755), 0);
        assert_int_equal(mkdirat(bed->top_fd, "outside", 0755), 0);
        bed->root_fd = openat(bed->top_fd, "tree", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(bed->root_fd >= 0);
        *state = bed;
        return 0;
}

static int bed_remove(void **state) {
        Bed *bed = *state;

        (void)close(bed->root_fd);
        (void)close(bed->top_fd);
        assert_int_equal(nftw(bed->top, remove_file, 16, FTW_DEPTH | FTW_PHYS), 0);
        free(bed);
        return 0;
}

static void make_link(const Bed *bed, const char *name, const char *target) {
        assert_int_equal(symlinkat(target, bed->root_fd, name), 0);
}

static bool exists(const Bed *bed, const char *path) {
        return faccessat(bed->top_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int make_target(const Bed *bed, const char *path, bool is_directory) {
        int fd = rootpath_make_target(bed->root_fd, path, is_directory);

        if (fd >= 0)
                (void)close(fd);
        return fd < 0 ? fd : 0;
}

static void missing_targets_are_made_with_their_parents(void **state) {
        const Bed *bed = *state;

        assert_int_equal(make_target(bed, "/a/b/folder", true), 0);
        assert_int_equal(make_target(bed, "/a/b/file", false), 0);
        assert_true(exists(bed, "tree/a/b/folder/."));
        assert_true(exists(bed, "tree/a/b/file"));
}

static void other_types_are_refused(void **state) {
        const Bed *bed = *state;

        assert_int_equal(make_target(bed, "/folder", true), 0);
        assert_int_equal(make_target(bed, "/file", false), 0);
        assert_int_equal(make_target(bed, "/folder", false), -EISDIR);
        assert_int_equal(make_target(bed, "/file", true), -ENOTDIR);
}

static void dangling_links_are_completed_inside(void **state) {
        const Bed *bed = *state;
        char outside[128];

        (void)snprintf(outside, sizeof outside, "%s/outside/x", bed->top);
        make_link(bed, "absolute", "/deep/down/file");
        make_link(bed, "relative", "../../../deep/folder");
        make_link(bed, "chain", "absolute2");
        make_link(bed, "absolute2", "end");
        make_link(bed, "away", outside);
        make_link(bed, "up", "../outside/y");

        assert_int_equal(make_target(bed, "/absolute", false), 0);
        assert_true(exists(bed, "tree/deep/down/file"));
        assert_int_equal(make_target(bed, "/relative", true), 0);
        assert_true(exists(bed, "tree/deep/folder/."));
        assert_int_equal(make_target(bed, "/chain", false), 0);
        assert_true(exists(bed, "tree/end"));
        assert_int_equal(make_target(bed, "/away", false), 0);
        assert_int_equal(make_target(bed, "/up", true), 0);
        assert_false(exists(bed, "outside/x") || exists(bed, "outside/y"));
        assert_true(exists(bed, "tree/outside/y/."));
}

static void links_without_an_end_are_refused(void **state) {
        const Bed *bed = *state;

        make_link(bed, "itself", "itself");
        make_link(bed, "one", "two");
        make_link(bed, "two", "one");
        assert_int_equal(make_target(bed, "/itself", true), -ELOOP);
        assert_int_equal(make_target(bed, "/one", false), -ELOOP);
}

#define BED_TEST(test) cmocka_unit_test_setup_teardown(test, bed_make, bed_remove)

int main(void) {
        const struct CMUnitTest tests[] = {
                BED_TEST(missing_targets_are_made_with_their_parents),
                BED_TEST(other_types_are_refused),
                BED_TEST(dangling_links_are_completed_inside),
                BED_TEST(links_without_an_end_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
