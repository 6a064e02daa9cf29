/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <string.h>

#include "base/names.h"
#include "base/text.h"
#include "base/unit-name.h"

static void nothing_equals_only_nothing(void **state) {
        (void)state;
        assert_true(text_equal(NULL, NULL));
        assert_false(text_equal(NULL, ""));
        assert_false(text_equal("", NULL));
        assert_true(text_equal("a", "a"));
        assert_false(text_equal("a", "A"));
        assert_true(text_is_empty(NULL));
        assert_true(text_is_empty(""));
        assert_false(text_is_empty(" "));
}

static void prefix_and_suffix_are_compared_whole(void **state) {
        (void)state;
        assert_string_equal(text_after("prefix-rest", "prefix-"), "rest");
        assert_string_equal(text_after("same", "same"), "");
        assert_string_equal(text_after("any", ""), "any");
        assert_null(text_after("pre", "prefix"));
        assert_true(text_ends_with("a.slice", ".slice"));
        assert_true(text_ends_with("a", ""));
        assert_false(text_ends_with("slice", ".slice"));
}

static void words_skip_all_separators(void **state) {
        Arena arena = { 0 };
        StringList words = text_split_words(&arena, "  a b\t\tc ", " \t");

        (void)state;
        assert_int_equal(words.n_items, 3);
        assert_string_equal(words.items[0], "a");
        assert_string_equal(words.items[1], "b");
        assert_string_equal(words.items[2], "c");
        assert_int_equal(text_split_words(&arena, "", " ").n_items, 0);
        assert_int_equal(text_split_words(&arena, "   ", " ").n_items, 0);
        arena_done(&arena);
}

static void colons_keep_empty_fields_and_escapes(void **state) {
        Arena arena = { 0 };
        StringList fields = text_split_colons(&arena, "a\\:b::c\\d");

        (void)state;
        assert_int_equal(fields.n_items, 3);
        assert_string_equal(fields.items[0], "a:b");
        assert_string_equal(fields.items[1], "");
        assert_string_equal(fields.items[2], "c\\d");

        fields = text_split_colons(&arena, "");
        assert_int_equal(fields.n_items, 1);
        assert_string_equal(fields.items[0], "");

        fields = text_split_colons(&arena, ":");
        assert_int_equal(fields.n_items, 2);
        arena_done(&arena);
}

static void printable_text_is_returned_as_it_is(void **state) {
        static const char *const good[] = { "", "plain ~ text", "größe", "日本語", "🙂" };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_ptr_equal(text_printable(&arena, good[i]), good[i]);
        arena_done(&arena);
}

static void terminal_controls_and_broken_utf8_are_escaped(void **state) {
        static const struct {
                const char *text;
                const char *printable;
        } cases[] = {
                { "\x1b[31m", "\\x1b[31m" }, { "a\nb\tc", "a\\x0ab\\x09c" }, { "\x7f", "\\x7f" },
                { "\xc2\x9b", "\\xc2\\x9b" },                   /* C1 control */
                { "\xff", "\\xff" },                            /* never in UTF-8 */
                { "\xc0\xaf", "\\xc0\\xaf" },                   /* overlong slash */
                { "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },          /* overlong slash */
                { "\xed\xa0\x80", "\\xed\\xa0\\x80" },          /* surrogate */
                { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* beyond Unicode */
                { "\xe2\x80\xae", "\\xe2\\x80\\xae" },          /* right-to-left override */
                { "a\xe2\x82", "a\\xe2\\x82" },                 /* cut off */
        };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(text_printable(&arena, cases[i].text), cases[i].printable);
        arena_done(&arena);
}

static void strip_takes_white_space_off_both_ends(void **state) {
        char text[] = " \t a b \r\n", only_white[] = " \n", empty[] = "";

        (void)state;
        assert_string_equal(text_strip(text), "a b");
        assert_string_equal(text_strip(only_white), "");
        assert_string_equal(text_strip(empty), "");
}

static void hash_is_the_published_fnv1a(void **state) {
        (void)state;
        assert_true(text_hash("", 0) == 0xcbf29ce484222325ULL);
        assert_true(text_hash("a", 1) == 0xaf63dc4c8601ec8cULL);
        assert_true(text_hash("foobar", 6) == 0x85944171f73967e8ULL);
}

static void distance_counts_edits(void **state) {
        static const struct {
                const char *a, *b;
                size_t distance;
        } cases[] = {
                { "", "", 0 },
                { "", "abc", 3 },
                { "boot", "boot", 0 },
                { "bot", "boot", 1 },
                { "boto", "boot", 1 }, /* two neighbours swapped */
                { "boat", "boot", 1 },
                { "kitten", "sitting", 3 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(text_distance(cases[i].a, cases[i].b), cases[i].distance);
                assert_int_equal(text_distance(cases[i].b, cases[i].a), cases[i].distance);
        }
}

static void distance_to_very_long_text_is_infinite(void **state) {
        char text[1000];

        (void)state;
        memset(text, 'a', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        assert_true(text_distance(text, "a") > 1000);
        assert_true(text_distance("a", text) > 1000);
}

static void names_are_found_only_whole_and_gaps_never(void **state) {
        static const char *const names[] = { NULL, "one", "two" };
        Arena arena = { 0 };

        (void)state;
        assert_int_equal(names_find(names, ELEMENTSOF(names), "two"), 2);
        assert_true(names_find(names, ELEMENTSOF(names), "tw") < 0);
        assert_true(names_find(names, ELEMENTSOF(names), "") < 0);
        assert_string_equal(names_join(&arena, names, ELEMENTSOF(names)), "one, two");
        arena_done(&arena);
}

static void unit_names_are_escaped_as_systemd_does(void **state) {
        Arena arena = { 0 };

        (void)state;
        assert_string_equal(unit_name_escape(&arena, "deb"), "deb");
        assert_string_equal(unit_name_escape(&arena, "a-b"), "a\\x2db");
        assert_string_equal(unit_name_unescape_path(&arena, "var-lib-a\\x2db"), "/var/lib/a-b");
        assert_string_equal(unit_name_unescape_path(&arena, "-"), "/");
        assert_null(unit_name_unescape_path(&arena, "a\\x2"));
        assert_null(unit_name_unescape_path(&arena, "a\\x00"));
        assert_null(unit_name_unescape_path(&arena, "a\\n"));
        assert_string_equal(unit_name_escape(&arena, "a/b"), "a-b");
        assert_string_equal(unit_name_escape(&arena, ".a"), "\\x2ea");
        arena_done(&arena);
}

static void quotes_keep_words_together(void **state) {
        static const char *const broken[] = { "'", "a \"b", "'a\"", "x'y z" };
        Arena arena = { 0 };
        StringList words;

        (void)state;
        assert_int_equal(text_split_quoted(&arena, " a\t'b c' d\"e f\"g '' \\ \"'\" ", &words), 0);
        assert_int_equal(words.n_items, 6);
        assert_string_equal(words.items[0], "a");
        assert_string_equal(words.items[1], "b c");
        assert_string_equal(words.items[2], "de fg");
        assert_string_equal(words.items[3], "");
        assert_string_equal(words.items[4], "\\");
        assert_string_equal(words.items[5], "'");

        assert_int_equal(text_split_quoted(&arena, " \t\n", &words), 0);
        assert_int_equal(words.n_items, 0);
        for (size_t i = 0; i < ELEMENTSOF(broken); i++)
                assert_int_equal(text_split_quoted(&arena, broken[i], &words), -EINVAL);
        arena_done(&arena);
}

static void misspelt_words_are_near_their_name(void **state) {
        size_t least = SIZE_MAX;

        (void)state;
        assert_false(text_is_misspelt("xyz", "Boot", &least));
        assert_true(text_is_misspelt("Boto", "Boor", &least));
        assert_int_equal(least, 2);
        assert_true(text_is_misspelt("Boto", "Boot", &least));
        assert_int_equal(least, 1);
        assert_false(text_is_misspelt("Boto", "Bote", &least));
}

static void excerpts_are_short_and_printable(void **state) {
        Arena arena = { 0 };
        char text[300];

        (void)state;
        memset(text, 'a', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        assert_int_equal(strlen(text_excerpt(&arena, text)), 128 + 3);
        assert_string_equal(text_excerpt(&arena, "a\n"), "a\\x0a");
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_keep_words_together),
        cmocka_unit_test(misspelt_words_are_near_their_name),
        cmocka_unit_test(excerpts_are_short_and_printable),
        cmocka_unit_test(nothing_equals_only_nothing),
        cmocka_unit_test(prefix_and_suffix_are_compared_whole),
        cmocka_unit_test(words_skip_all_separators),
        cmocka_unit_test(colons_keep_empty_fields_and_escapes),
        cmocka_unit_test(printable_text_is_returned_as_it_is),
        cmocka_unit_test(terminal_controls_and_broken_utf8_are_escaped),
        cmocka_unit_test(strip_takes_white_space_off_both_ends),
        cmocka_unit_test(hash_is_the_published_fnv1a),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(distance_to_very_long_text_is_infinite),
        cmocka_unit_test(names_are_found_only_whole_and_gaps_never),
        cmocka_unit_test(unit_names_are_escaped_as_systemd_does),
};

UNIT_TEST_MAIN(tests)
