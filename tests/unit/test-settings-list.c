/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "config/set.h"
#include "config/settings-file.h"
#include "control/settings-list.h"
#include "option-examples.h"

static char *print_text(const Config *config) {
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);

        assert_non_null(file);
        assert_int_equal(settings_print_text(config, "web", file), 0);
        assert_int_equal(fclose(file), 0);
        return text;
}

static void read_text(Config *config, const char *text) {
        SettingsFile file = {
                .path = "again",
                .text = text,
                .size = strlen(text),
                .is_trusted = true,
        };
        Notes notes = { 0 };

        if (settings_file_parse(config, &file, &notes) < 0 || notes.n_items > 0)
                fail_msg("%s: %s", last_note(&notes), text);
}

static void each_setting_is_under_its_source(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("--directory=/x --hostname=a -E A=1 -b");
        CLEANUP_FREE char *text = NULL;

        (void)state;
        read_text(&parsed.config, "[Exec]\nHostname=b\nUser=root\n\nProperty=A=1\nProperty=B=2\n");
        text = print_text(&parsed.config);
        assert_non_null(strstr(text, "# Settings of 'web'\n# command line: --directory=/x\n"
                                     "# file: again\n\n[Exec]\n"));
        assert_non_null(strstr(text, "# command line\nBoot=yes\n# command line\nEnvironment=A=1\n"
                                     "# again:3\nUser=root\n# command line\nHostname=a\n"
                                     "# again:5\nProperty=A=1\n# again:6\nProperty=B=2\n"
                                     "# default\n#"));
        assert_non_null(strstr(text, "\n#KillSignal=\n"));
        assert_null(strstr(text, "Hostname=b"));
}

static void secrets_are_not_shown(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("--set-credential=id:secret");
        CLEANUP_FREE char *text = print_text(&parsed.config);

        (void)state;
        assert_null(strstr(text, "secret"));
        assert_non_null(strstr(text, "SetCredential=id:...\n"));
}

/* What a line of a file cannot hold at all. */
static bool can_be_written(const Option *option, const char *value) {
        Arena arena = { 0 };
        size_t length = strlen(value);
        bool is_printable = text_printable(&arena, value) == value;

        arena_done(&arena);
        if (!is_printable || (option->flags & OPTION_SECRET))
                return false;
        return (option->flags & OPTION_WORDS) ||
               (length > 0 && value[0] != ' ' && value[length - 1] != ' ' &&
                               value[length - 1] != '\\');
}

static void assert_comes_back(const Option *option, const char *value) {
        OptionOrigin origin = {
                .rank = RANK_COMMAND_LINE,
                .is_trusted = true,
                .place = "here",
                .source = "test",
        };
        CLEANUP_PARSED Parsed first = parse(""), again = parse("");
        CLEANUP_FREE char *text = NULL;

        assert_int_equal(config_set(&first.config, option, value, &origin, &first.notes), 0);
        text = print_text(&first.config);
        read_text(&again.config, text);
        if (again.config.n_settings != first.config.n_settings ||
                        !text_equal(again.config.settings[0].text, first.config.settings[0].text))
                fail_msg("'%s' does not come back: %s", value, text);
}

static void what_is_printed_can_be_read_again(void **state) {
        static const char *const words[] = { "", " ", "it's", "\"", "'\"'", "a\\", "'", "#x",
                "a b" };
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                assert_comes_back(option_words(), words[i]);
        for (size_t i = 0; i < n_options; i++) {
                const OptionExamples *examples = option_examples_find(&options[i]);

                if (!options[i].key || (options[i].flags & OPTION_ALIAS))
                        continue;
                for (size_t j = 0; j < ELEMENTSOF(examples->good) && examples->good[j]; j++)
                        if (can_be_written(&options[i], examples->good[j]))
                                assert_comes_back(&options[i], examples->good[j]);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting_is_under_its_source),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(what_is_printed_can_be_read_again),
};

UNIT_TEST_MAIN(tests)
