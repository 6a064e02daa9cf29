/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-test.h"

#include <stdlib.h>
#include <sys/mount.h>

#include "config/value.h"

typedef struct {
        Arena arena;
        MountSpecList list;
        const char *reason;
} Parsing;

static const MountSpec *last(const Parsing *parsing) {
        return &parsing->list.items[parsing->list.n_items - 1];
}

static int parsing_make(void **state) {
        *state = calloc(1, sizeof(Parsing));
        return *state ? 0 : -1;
}

static int parsing_free(void **state) {
        Parsing *parsing = *state;

        arena_done(&parsing->arena);
        free(parsing);
        return 0;
}

static const MountSpec *bind(Parsing *parsing, const char *text) {
        assert_int_equal(value_bind(&parsing->arena, text, &parsing->list, &parsing->reason), 0);
        return last(parsing);
}

static const MountSpec *tmpfs(Parsing *parsing, const char *text) {
        assert_int_equal(value_tmpfs(&parsing->arena, text, &parsing->list, &parsing->reason), 0);
        return last(parsing);
}

static const MountSpec *overlay(Parsing *parsing, const char *text) {
        assert_int_equal(value_overlay(&parsing->arena, text, &parsing->list, &parsing->reason), 0);
        return last(parsing);
}

static void assert_bad_bind(Parsing *parsing, const char *text, const char *reason) {
        assert_int_equal(value_bind(&parsing->arena, text, &parsing->list, &parsing->reason),
                        -EINVAL);
        assert_string_equal(parsing->reason, reason);
}

static void source_alone_is_the_destination_too(void **state) {
        const MountSpec *spec = bind(*state, "/srv//data/");

        assert_string_equal(spec->sources->path, "/srv//data/");
        assert_string_equal(spec->target, "/srv/data");
        assert_true(spec->is_recursive);
        assert_false(spec->is_read_only || spec->is_optional);
        assert_int_equal(spec->map, SPEC_MAP_DEFAULT);
        assert_int_equal(spec->attributes | spec->attributes_gone, 0);
}

static void escaped_colons_are_part_of_a_path(void **state) {
        const MountSpec *spec = bind(*state, "/a\\:b:/c\\:d:norbind");

        assert_string_equal(spec->sources->path, "/a:b");
        assert_string_equal(spec->target, "/c:d");
        assert_false(spec->is_recursive);
}

static void plus_means_inside_the_tree(void **state) {
        const MountSpec *spec = bind(*state, "+/usr/share");

        assert_true(spec->sources->is_inside);
        assert_string_equal(spec->sources->path, "/usr/share");
        assert_string_equal(spec->target, "/usr/share");
}

static void empty_source_is_a_temporary_folder(void **state) {
        assert_null(bind(*state, ":/scratch")->sources->path);
}

static void later_words_win(void **state) {
        const MountSpec *spec = bind(*state, "/a:/b:nosuid,suid,noatime,nodev,idmap,noidmap,ro,rw");

        assert_int_equal(spec->map, SPEC_MAP_NONE);
        assert_int_equal(spec->attributes, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
        assert_int_equal(spec->attributes_gone,
                        MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME);
        assert_false(spec->is_read_only);
}

static void ways_of_access_times_exclude_each_other(void **state) {
        assert_int_equal(bind(*state, "/a:/b:noatime,strictatime")->attributes,
                        MOUNT_ATTR_STRICTATIME);
        assert_int_equal(bind(*state, "/a:/b:noatime,relatime")->attributes, 0);
}

static void ro_is_the_same_as_the_option_for_it(void **state) {
        Parsing *parsing = *state;

        assert_true(bind(parsing, "/a:/b:ro")->is_read_only);
        assert_int_equal(value_bind_read_only(
                                         &parsing->arena, "/a", &parsing->list, &parsing->reason),
                        0);
        assert_true(last(parsing)->is_read_only);
        assert_int_equal(last(parsing)->attributes, MOUNT_ATTR_RDONLY);
}

static void map_adds_up(void **state) {
        const MountSpec *spec = bind(*state, "/a:/b:map=0:1000:1,map=33:33:2,nodev");

        assert_int_equal(spec->map, SPEC_MAP_RANGES);
        assert_int_equal(spec->users.n_items, 2);
        assert_int_equal(spec->groups.n_items, 2);
        assert_int_equal(spec->users.items[0].inside, 0);
        assert_int_equal(spec->users.items[0].outside, 1000);
        assert_int_equal(spec->groups.items[1].inside, 33);
        assert_int_equal(spec->groups.items[1].count, 2);
        assert_int_equal(spec->attributes, MOUNT_ATTR_NODEV);
        assert_int_equal(bind(*state, "/a:/b:map=0:1000:1,idmap,map=1:1:1")->users.n_items, 1);
}

static void map_can_be_of_users_or_groups_alone(void **state) {
        const MountSpec *spec = bind(*state, "/a:/b:map=u:0:1000:1,map=g:0:100:1,map=5:5:5");

        assert_int_equal(spec->users.n_items, 2);
        assert_int_equal(spec->users.items[0].outside, 1000);
        assert_int_equal(spec->groups.n_items, 2);
        assert_int_equal(spec->groups.items[0].outside, 100);
}

static void reasons_say_what_is_wrong(void **state) {
        assert_bad_bind(*state, "", "not of the form SOURCE[:DESTINATION[:OPTIONS]]");
        assert_bad_bind(*state, "a", "destination is not absolute");
        assert_bad_bind(*state, "/a:/b/../c", "destination has a '.', '..' or overlong component");
        assert_bad_bind(*state, "+a:/b", "source inside the tree is not absolute");
        assert_bad_bind(*state, "/a:/b:bogus", "unknown option 'bogus'");
        assert_bad_bind(*state, "/a:/b:map=1:2",
                        "map= is not of the form [u:|g:]INSIDE:OUTSIDE:COUNT");
        assert_bad_bind(*state, "/a:/b:map=1:2:2,map=9:3:1", "ranges of map= overlap");
        assert_bad_bind(*state, "+/a:/b:idmap", "a source inside the tree has the tree's owners");
}

static void refused_text_leaves_the_list_alone(void **state) {
        Parsing *parsing = *state;

        (void)bind(parsing, "/a");
        assert_bad_bind(parsing, "/a:/b:bogus", "unknown option 'bogus'");
        assert_int_equal(parsing->list.n_items, 1);
}

static void tmpfs_without_options_is_0755(void **state) {
        assert_string_equal(tmpfs(*state, "/a")->options, "mode=0755");
        assert_string_equal(tmpfs(*state, "/a:")->options, "mode=0755");
        assert_string_equal(tmpfs(*state, "/a:size=1m")->options, "size=1m");
        assert_string_equal(tmpfs(*state, "/a:noexec")->options, "");
}

static void tmpfs_words_are_parted_from_its_options(void **state) {
        const MountSpec *spec = tmpfs(*state, "/a:size=1m,noexec,uid=33,dev,mpol=bind:0,gid=5");

        assert_string_equal(spec->options, "size=1m,mpol=bind:0");
        assert_int_equal(spec->attributes, MOUNT_ATTR_NOEXEC | MOUNT_ATTR_STRICTATIME);
        assert_true(spec->has_uid && spec->has_gid);
        assert_int_equal(spec->uid, 33);
        assert_int_equal(spec->gid, 5);
}

static void last_folder_of_an_overlay_is_the_upper(void **state) {
        const MountSpec *spec = overlay(*state, "/one:+/two:/up:/target");

        assert_int_equal(spec->n_sources, 3);
        assert_string_equal(spec->sources[0].path, "/one");
        assert_true(spec->sources[1].is_inside);
        assert_string_equal(spec->sources[2].path, "/up");
        assert_string_equal(spec->target, "/target");
}

static void overlay_of_two_is_mounted_on_the_upper(void **state) {
        const MountSpec *spec = overlay(*state, "/one:+/two/");

        assert_int_equal(spec->n_sources, 2);
        assert_string_equal(spec->target, "/two");
        assert_true(spec->sources[1].is_inside);
}

#define PARSING_TEST(test) cmocka_unit_test_setup_teardown(test, parsing_make, parsing_free)

int main(void) {
        const struct CMUnitTest tests[] = {
                PARSING_TEST(source_alone_is_the_destination_too),
                PARSING_TEST(escaped_colons_are_part_of_a_path),
                PARSING_TEST(plus_means_inside_the_tree),
                PARSING_TEST(empty_source_is_a_temporary_folder),
                PARSING_TEST(later_words_win),
                PARSING_TEST(ways_of_access_times_exclude_each_other),
                PARSING_TEST(ro_is_the_same_as_the_option_for_it),
                PARSING_TEST(map_adds_up),
                PARSING_TEST(map_can_be_of_users_or_groups_alone),
                PARSING_TEST(reasons_say_what_is_wrong),
                PARSING_TEST(refused_text_leaves_the_list_alone),
                PARSING_TEST(tmpfs_without_options_is_0755),
                PARSING_TEST(tmpfs_words_are_parted_from_its_options),
                PARSING_TEST(last_folder_of_an_overlay_is_the_upper),
                PARSING_TEST(overlay_of_two_is_mounted_on_the_upper),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
