/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings-test.h"

#include "option-examples.h"

/* VALUE as OPTION's line in a file of its section. */
static const char *file_of(Arena *arena, const Option *option, const char *value) {
        const char *dot = strchr(option->key, '.');

        return arena_printf(arena, "[%.*s]\n%s=%s\n", (int)(dot - option->key), option->key,
                        dot + 1, value);
}

/* Whether VALUE stays what it is on a line: "" resets, and words need quotes. */
static bool can_be_written(const Option *option, const char *value) {
        size_t length = strlen(value);

        return length > 0 && !strpbrk(value, "\r\n") && value[0] != ' ' &&
               value[length - 1] != ' ' && value[length - 1] != '\\' &&
               (!(option->flags & OPTION_WORDS) || !strpbrk(value, "'\""));
}

static void assert_key_takes(const Option *option, const char *value) {
        Arena arena = { 0 };
        const char *quote = option->flags & OPTION_WORDS ? "'" : "";
        const char *written = arena_printf(&arena, "%s%s%s", quote, value, quote);
        CLEANUP_PARSED Parsed parsed = read_file(normal, file_of(&arena, option, written));

        if (parsed.r < 0)
                fail_msg("%s=%s: %s", option->key, value, last_note(&parsed.notes));
        if (parsed.config.n_settings < 1)
                fail_msg("%s=%s: set nothing", option->key, value);
        assert_string_equal(parsed.config.settings[0].source, "f.nspawn:2");
        if (!(option->flags & (OPTION_FLAG | OPTION_ALIAS)))
                assert_string_equal(parsed.config.settings[0].text, value);
        arena_done(&arena);
}

static void assert_key_refuses(const Option *option, const char *value) {
        Arena arena = { 0 };
        CLEANUP_PARSED Parsed parsed = read_file(normal, file_of(&arena, option, value));

        if (parsed.r != -EINVAL || !text_after(last_note(&parsed.notes), "f.nspawn:2: "))
                fail_msg("%s=%s: was not refused with its line", option->key, value);
        assert_int_equal(parsed.config.n_settings, 0);
        arena_done(&arena);
}

static void walk_examples(const Option *option, const OptionExamples *examples) {
        for (size_t i = 0; i < ELEMENTSOF(examples->good) && examples->good[i]; i++)
                if (can_be_written(option, examples->good[i]))
                        assert_key_takes(option, examples->good[i]);
        if (text_equal(examples->bad[0], ANY_TEXT_IS_GOOD))
                return;
        for (size_t i = 0; i < ELEMENTSOF(examples->bad) && examples->bad[i]; i++)
                if (can_be_written(option, examples->bad[i]))
                        assert_key_refuses(option, examples->bad[i]);
}

static void every_key_takes_good_and_refuses_bad_values(void **state) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                const Option *option = &options[i];

                if (!option->key)
                        continue;
                if (option->flags & OPTION_FLAG) {
                        assert_key_takes(option, "yes");
                        assert_key_takes(option, "no");
                        assert_key_takes(option, "1");
                        assert_key_refuses(option, "maybe");
                        continue;
                }
                assert_non_null(option_examples_find(option));
                walk_examples(option, option_examples_find(option));
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_takes_good_and_refuses_bad_values),
};

UNIT_TEST_MAIN(tests)
