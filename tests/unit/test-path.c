/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <string.h>

#include "base/path.h"

typedef struct {
        const char *path;
        const char *result;
} Case;

static void only_a_leading_slash_makes_it_absolute(void **state) {
        (void)state;
        assert_true(path_is_absolute("/"));
        assert_true(path_is_absolute("//a"));
        assert_false(path_is_absolute(""));
        assert_false(path_is_absolute("a/"));
}

static void normalized_has_no_dots_and_no_overlong_component(void **state) {
        static const char *const good[] = { "", "/", "//a//b/", "/...", "/.a", "a..b" };
        static const char *const bad[] = { ".", "..", "/a/.", "/a/../b", "./a", "/.." };
        char component[300] = "/";

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_true(path_is_normalized(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(path_is_normalized(bad[i]));

        memset(component + 1, 'a', 255);
        assert_true(path_is_normalized(component));
        component[256] = 'a';
        assert_false(path_is_normalized(component));
}

static void simplify_removes_what_means_nothing(void **state) {
        static const Case cases[] = {
                { "", "" },
                { ".", "." },
                { "/", "/" },
                { "///", "/" },
                { "./", "." },
                { "/./.", "/" },
                { "//a/./b//", "/a/b" },
                { "a/", "a" },
                { "./a/.", "a" },
                { "/a/../b", "/a/../b" },
                { "..", ".." },
                { "...", "..." },
        };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(path_simplify(&arena, cases[i].path), cases[i].result);
        arena_done(&arena);
}

static void join_puts_one_slash_between(void **state) {
        static const struct {
                const char *a, *b, *result;
        } cases[] = {
                { "/a", "b", "/a/b" },
                { "/a/", "/b", "/a/b" },
                { "/", "b", "/b" },
                { "/", "", "/" },
                { "/a", "", "/a" },
                { "/a//", "//", "/a" },
                { "a", "b/", "a/b/" },
        };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(path_join(&arena, cases[i].a, cases[i].b), cases[i].result);
        arena_done(&arena);
}

static void last_component_ignores_trailing_slashes(void **state) {
        static const Case cases[] = {
                { "/a/b", "b" },
                { "/a/b//", "b" },
                { "a", "a" },
                { "/", "" },
                { "", "" },
        };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(path_last(&arena, cases[i].path), cases[i].result);
        arena_done(&arena);
}

static void parent_is_everything_before_the_last_component(void **state) {
        static const Case cases[] = {
                { "/a/b", "/a" },
                { "/a//b/", "/a" },
                { "/a", "/" },
                { "/", "/" },
                { "a", "." },
                { "a/b", "a" },
                { "", "." },
        };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(path_parent(&arena, cases[i].path), cases[i].result);
        arena_done(&arena);
}

static void below_means_whole_components(void **state) {
        (void)state;
        assert_true(path_is_below("/a/b", "/a"));
        assert_true(path_is_below("/a", "/a"));
        assert_true(path_is_below("/a", "/"));
        assert_true(path_is_below("/", "/"));
        assert_false(path_is_below("/ab", "/a"));
        assert_false(path_is_below("/", "/a"));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_leading_slash_makes_it_absolute),
        cmocka_unit_test(normalized_has_no_dots_and_no_overlong_component),
        cmocka_unit_test(simplify_removes_what_means_nothing),
        cmocka_unit_test(join_puts_one_slash_between),
        cmocka_unit_test(last_component_ignores_trailing_slashes),
        cmocka_unit_test(parent_is_everything_before_the_last_component),
        cmocka_unit_test(below_means_whole_components),
};

UNIT_TEST_MAIN(tests)
