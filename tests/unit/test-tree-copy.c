/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Needs root: devices, owners and trusted attributes are part of what is copied.
 */

#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/text.h"
#include "sys/tree-copy.h"
#include "sys/tree.h"

typedef struct {
        char folder[40];
        int fd;
        int from_fd, to_fd;
} Bed;

static int set_up(void **state) {
        Bed *bed = calloc(1, sizeof *bed);

        assert_non_null(bed);
        (void)snprintf(bed->folder, sizeof bed->folder, "/var/tmp/test-tree-copy-XXXXXX");
        assert_non_null(mkdtemp(bed->folder));
        bed->fd = open(bed->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(bed->fd >= 0);
        assert_int_equal(mkdirat(bed->fd, "from", 0755), 0);
        assert_int_equal(mkdirat(bed->fd, "to", 0700), 0);
        bed->from_fd = openat(bed->fd, "from", O_PATH | O_CLOEXEC);
        bed->to_fd = openat(bed->fd, "to", O_PATH | O_CLOEXEC);
        *state = bed;
        return 0;
}

static int tear_down(void **state) {
        Bed *bed = *state;

        (void)close(bed->from_fd);
        (void)close(bed->to_fd);
        (void)tree_remove(bed->fd, "from");
        (void)tree_remove(bed->fd, "to");
        assert_int_equal(rmdir(bed->folder), 0);
        (void)close(bed->fd);
        free(bed);
        return 0;
}

static void need_root(void) {
        if (geteuid() != 0) {
                print_message("machine lacks: root\n");
                skip();
        }
}

static void put(int at_fd, const char *path, const char *text) {
        CLEANUP_CLOSE int fd = openat(at_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(io_write_all(fd, text, strlen(text)), 0);
}

static void assert_text(int at_fd, const char *path, const char *text) {
        char buffer[256];

        assert_true(io_read_file(at_fd, path, buffer, sizeof buffer) >= 0);
        assert_string_equal(buffer, text);
}

static struct stat look(int at_fd, const char *path) {
        struct stat st;

        assert_int_equal(fstatat(at_fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
        return st;
}

static bool is_there(int at_fd, const char *path) {
        return faccessat(at_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void set_mark(const Bed *bed, const char *path, const char *name, const char *value) {
        char full[128];

        (void)snprintf(full, sizeof full, "%s/%s", bed->folder, path);
        assert_int_equal(setxattr(full, name, value, strlen(value), 0), 0);
}

static ssize_t mark_size(const Bed *bed, const char *path, const char *name) {
        char full[128];

        (void)snprintf(full, sizeof full, "%s/%s", bed->folder, path);
        return getxattr(full, name, NULL, 0);
}

static int copy(const Bed *bed) {
        return tree_copy(bed->from_fd, bed->to_fd, &(TreeCopyHow){ 0 });
}

static int merge(const Bed *bed, bool keeps_whiteouts) {
        return tree_copy(bed->from_fd, bed->to_fd,
                        &(TreeCopyHow){ .is_merge = true, .keeps_whiteouts = keeps_whiteouts });
}

static void a_copy_has_all_types_with_owners_modes_and_times(void **state) {
        const struct timespec times[] = { { 1000, 5 }, { 2000, 7 } };
        const Bed *bed = *state;

        need_root();
        put(bed->from_fd, "file", "text");
        assert_int_equal(fchownat(bed->from_fd, "file", 11, 12, 0), 0);
        assert_int_equal(fchmodat(bed->from_fd, "file", 06751, 0), 0);
        assert_int_equal(mkdirat(bed->from_fd, "folder", 01777), 0);
        assert_int_equal(mkfifoat(bed->from_fd, "folder/fifo", 0640), 0);
        assert_int_equal(mknodat(bed->from_fd, "null", S_IFCHR | 0666, makedev(1, 3)), 0);
        assert_int_equal(symlinkat("/nowhere/at all", bed->from_fd, "link"), 0);
        assert_int_equal(fchownat(bed->from_fd, "link", 13, 14, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_equal(utimensat(bed->from_fd, "file", times, 0), 0);
        assert_int_equal(utimensat(bed->from_fd, "folder", times, 0), 0);

        assert_int_equal(copy(bed), 0);

        assert_text(bed->to_fd, "file", "text");
        assert_int_equal(look(bed->to_fd, "file").st_mode, S_IFREG | 06751);
        assert_int_equal(look(bed->to_fd, "file").st_uid, 11);
        assert_int_equal(look(bed->to_fd, "file").st_gid, 12);
        assert_int_equal(look(bed->to_fd, "file").st_mtim.tv_sec, 2000);
        assert_int_equal(look(bed->to_fd, "file").st_mtim.tv_nsec, 7);
        assert_int_equal(look(bed->to_fd, "folder").st_mtim.tv_sec, 2000);
        assert_int_equal(look(bed->to_fd, "folder").st_mode, look(bed->from_fd, "folder").st_mode);
        assert_true(S_ISFIFO(look(bed->to_fd, "folder/fifo").st_mode));
        assert_int_equal(look(bed->to_fd, "null").st_rdev, makedev(1, 3));
        assert_int_equal(look(bed->to_fd, "link").st_size, 15);
        assert_int_equal(look(bed->to_fd, "link").st_uid, 13);
        assert_int_equal(look(bed->to_fd, ".").st_mode, look(bed->from_fd, ".").st_mode);
}

static void a_copy_keeps_links_and_leaves_no_folder_of_its_own(void **state) {
        const Bed *bed = *state;

        need_root();
        put(bed->from_fd, "a", "x");
        assert_int_equal(mkdirat(bed->from_fd, "deep", 0755), 0);
        assert_int_equal(linkat(bed->from_fd, "a", bed->from_fd, "deep/b", 0), 0);
        assert_int_equal(linkat(bed->from_fd, "a", bed->from_fd, "deep/c", 0), 0);

        assert_int_equal(copy(bed), 0);

        assert_int_equal(look(bed->to_fd, "a").st_nlink, 3);
        assert_int_equal(look(bed->to_fd, "a").st_ino, look(bed->to_fd, "deep/b").st_ino);
        assert_int_equal(look(bed->to_fd, "a").st_ino, look(bed->to_fd, "deep/c").st_ino);
        assert_int_equal(look(bed->to_fd, ".").st_nlink, 3);
}

static void a_copy_keeps_holes(void **state) {
        enum { SIZE = 64 << 20 };
        const Bed *bed = *state;
        CLEANUP_CLOSE int fd = -EBADF;
        char byte;

        need_root();
        put(bed->from_fd, "sparse", "start");
        fd = openat(bed->from_fd, "sparse", O_RDWR | O_CLOEXEC);
        assert_int_equal(pwrite(fd, "x", 1, SIZE / 2), 1);
        assert_int_equal(ftruncate(fd, SIZE), 0);

        assert_int_equal(copy(bed), 0);

        assert_int_equal(look(bed->to_fd, "sparse").st_size, SIZE);
        assert_true(look(bed->to_fd, "sparse").st_blocks * 512 < SIZE / 8);
        fd_close(fd);
        fd = openat(bed->to_fd, "sparse", O_RDONLY | O_CLOEXEC);
        assert_int_equal(pread(fd, &byte, 1, SIZE / 2), 1);
        assert_int_equal(byte, 'x');
}

static void a_copy_has_the_attributes_of_its_source_and_no_others(void **state) {
        const Bed *bed = *state;

        need_root();
        put(bed->from_fd, "file", "x");
        set_mark(bed, "from/file", "user.note", "hello");
        set_mark(bed, "from/file", "user.overlay.opaque", "y");
        set_mark(bed, "from/file", "trusted.overlay.opaque", "y");
        put(bed->from_fd, "plain", "x");

        assert_int_equal(copy(bed), 0);

        assert_int_equal(mark_size(bed, "to/file", "user.note"), 5);
        assert_int_equal(mark_size(bed, "to/file", "user.overlay.opaque"), 1);
        assert_int_equal(mark_size(bed, "to/file", "trusted.overlay.opaque"), 1);
        set_mark(bed, "to/plain", "user.other", "x");
        assert_int_equal(merge(bed, false), 0);
        assert_int_equal(mark_size(bed, "to/plain", "user.other"), -1);
}

static void a_merge_leaves_marks_where_they_are_but_those_of_an_overlay_inside(void **state) {
        const Bed *bed = *state;

        need_root();
        put(bed->from_fd, "file", "x");
        set_mark(bed, "from/file", "trusted.overlay.origin", "x");
        set_mark(bed, "from/file", "trusted.overlay.overlay.opaque", "y");
        set_mark(bed, "from/file", "user.overlay.opaque", "y");

        assert_int_equal(merge(bed, false), 0);

        assert_int_equal(mark_size(bed, "to/file", "trusted.overlay.origin"), -1);
        assert_int_equal(mark_size(bed, "to/file", "trusted.overlay.overlay.opaque"), -1);
        assert_int_equal(mark_size(bed, "to/file", "trusted.overlay.opaque"), 1);
        assert_int_equal(mark_size(bed, "to/file", "user.overlay.opaque"), 1);
}

static void a_copy_goes_deeper_than_any_path(void **state) {
        enum { DEPTH = 600 };
        const Bed *bed = *state;
        char name[16];
        CLEANUP_CLOSE int fd = dup(bed->from_fd);
        int depth = 0;

        need_root();
        memset(name, 'n', sizeof name - 1);
        name[sizeof name - 1] = '\0';
        for (int i = 0; i < DEPTH; i++) {
                int next;

                assert_int_equal(mkdirat(fd, name, 0755), 0);
                next = openat(fd, name, O_PATH | O_CLOEXEC);
                fd_close(fd);
                fd = next;
        }

        assert_int_equal(copy(bed), 0);

        fd_close(fd);
        fd = dup(bed->to_fd);
        for (int next; (next = openat(fd, name, O_PATH | O_CLOEXEC)) >= 0; depth++) {
                fd_close(fd);
                fd = next;
        }
        assert_int_equal(depth, DEPTH);
}

static void a_copy_does_not_go_over_what_is_there(void **state) {
        const Bed *bed = *state;

        need_root();
        put(bed->from_fd, "file", "new");
        put(bed->to_fd, "file", "old");
        assert_int_equal(copy(bed), -EEXIST);
        assert_text(bed->to_fd, "file", "old");
}

/* Both sides as an overlay has them: files changed, removed and replaced by other types. */
static void make_changes(const Bed *bed) {
        put(bed->to_fd, "changed", "old");
        put(bed->to_fd, "kept", "kept");
        put(bed->to_fd, "removed", "old");
        put(bed->to_fd, "becomes-folder", "old");
        assert_int_equal(mkdirat(bed->to_fd, "folder", 0755), 0);
        put(bed->to_fd, "folder/kept", "kept");
        assert_int_equal(mkdirat(bed->to_fd, "removed-folder", 0755), 0);
        put(bed->to_fd, "removed-folder/file", "old");
        assert_int_equal(mkdirat(bed->to_fd, "replaced", 0755), 0);
        put(bed->to_fd, "replaced/old", "old");

        put(bed->from_fd, "changed", "new");
        put(bed->from_fd, "added", "new");
        assert_int_equal(mknodat(bed->from_fd, "removed", S_IFCHR, makedev(0, 0)), 0);
        assert_int_equal(mknodat(bed->from_fd, "removed-folder", S_IFCHR, makedev(0, 0)), 0);
        assert_int_equal(mkdirat(bed->from_fd, "becomes-folder", 0750), 0);
        assert_int_equal(mkdirat(bed->from_fd, "folder", 0700), 0);
        put(bed->from_fd, "folder/added", "new");
        assert_int_equal(mkdirat(bed->from_fd, "replaced", 0755), 0);
        put(bed->from_fd, "replaced/new", "new");
        set_mark(bed, "from/replaced", "trusted.overlay.opaque", "y");
}

static void assert_changes(const Bed *bed) {
        assert_text(bed->to_fd, "changed", "new");
        assert_text(bed->to_fd, "added", "new");
        assert_text(bed->to_fd, "kept", "kept");
        assert_true(S_ISDIR(look(bed->to_fd, "becomes-folder").st_mode));
        assert_text(bed->to_fd, "folder/kept", "kept");
        assert_text(bed->to_fd, "folder/added", "new");
        assert_int_equal(look(bed->to_fd, "folder").st_mode, S_IFDIR | 0700);
        assert_text(bed->to_fd, "replaced/new", "new");
        assert_false(is_there(bed->to_fd, "replaced/old"));
}

static void a_merge_does_what_the_overlay_showed_and_can_be_repeated(void **state) {
        const Bed *bed = *state;

        need_root();
        make_changes(bed);
        for (int i = 0; i < 2; i++) {
                assert_int_equal(merge(bed, false), 0);
                assert_changes(bed);
                assert_false(is_there(bed->to_fd, "removed"));
                assert_false(is_there(bed->to_fd, "removed-folder"));
                assert_int_equal(mark_size(bed, "to/replaced", "trusted.overlay.opaque"), -1);
        }
}

static void a_merge_above_other_layers_keeps_hiding_what_is_below(void **state) {
        const Bed *bed = *state;

        need_root();
        make_changes(bed);
        assert_int_equal(merge(bed, true), 0);
        assert_changes(bed);
        assert_int_equal(look(bed->to_fd, "removed").st_rdev, 0);
        assert_true(S_ISCHR(look(bed->to_fd, "removed-folder").st_mode));
        assert_int_equal(mark_size(bed, "to/replaced", "trusted.overlay.opaque"), 1);
}

static void a_merge_refuses_what_only_an_overlay_understands(void **state) {
        const Bed *bed = *state;

        need_root();
        assert_int_equal(mkdirat(bed->from_fd, "moved", 0755), 0);
        set_mark(bed, "from/moved", "trusted.overlay.redirect", "old");
        assert_int_equal(merge(bed, false), -EMEDIUMTYPE);
        assert_false(is_there(bed->to_fd, "moved"));
}

static int give_up(void *userdata, unsigned n_files, uint64_t n_bytes) {
        (void)n_bytes;
        *(unsigned *)userdata += n_files;
        return *(unsigned *)userdata >= 2 ? -ECANCELED : 0;
}

static void a_copy_ends_when_its_progress_says_so(void **state) {
        const Bed *bed = *state;
        unsigned n_files = 0;

        need_root();
        put(bed->from_fd, "a", "x");
        put(bed->from_fd, "b", "x");
        put(bed->from_fd, "c", "x");
        assert_int_equal(tree_copy(bed->from_fd, bed->to_fd,
                                         &(TreeCopyHow){ .progress = give_up,
                                                         .userdata = &n_files }),
                        -ECANCELED);
        assert_int_equal(n_files, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
        TEST(a_copy_has_all_types_with_owners_modes_and_times),
        TEST(a_copy_keeps_links_and_leaves_no_folder_of_its_own),
        TEST(a_copy_keeps_holes),
        TEST(a_copy_has_the_attributes_of_its_source_and_no_others),
        TEST(a_merge_leaves_marks_where_they_are_but_those_of_an_overlay_inside),
        TEST(a_copy_goes_deeper_than_any_path),
        TEST(a_copy_does_not_go_over_what_is_there),
        TEST(a_merge_does_what_the_overlay_showed_and_can_be_repeated),
        TEST(a_merge_above_other_layers_keeps_hiding_what_is_below),
        TEST(a_merge_refuses_what_only_an_overlay_understands),
        TEST(a_copy_ends_when_its_progress_says_so),
};

UNIT_TEST_MAIN(tests)
