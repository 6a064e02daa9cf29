/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-test.h"

#include "config/help.h"

static void help_fits_eighty_columns(void **state) {
        Arena arena = { 0 };

        (void)state;
        for (int as_nspawn = 0; as_nspawn < 2; as_nspawn++) {
                const char *text = help_text(&arena, as_nspawn);

                for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
                        size_t length = strcspn(line, "\n");

                        if (length > 80 || (length > 0 && line[length - 1] == ' '))
                                fail_msg("bad line: %.*s", (int)length, line);
                }
        }
        arena_done(&arena);
}

static void help_shows_all_but_obsolete_options(void **state) {
        Arena arena = { 0 };
        const char *text = help_text(&arena, /* as_nspawn= */ false);
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                bool is_obsolete = options[i].flags & OPTION_OBSOLETE;
                const char *argument = !options[i].metavar                  ? " "
                                       : options[i].flags & OPTION_OPTIONAL ? "[="
                                                                            : "=";

                if (!options[i].name)
                        continue;
                if (!strstr(text, arena_printf(&arena, " --%s%s", options[i].name, argument)) !=
                                is_obsolete)
                        fail_msg("--%s", options[i].name);
        }
        assert_non_null(strstr(text, "\n  -U  "));
        arena_done(&arena);
}

static void help_names_the_program_that_was_called(void **state) {
        Arena arena = { 0 };

        (void)state;
        assert_non_null(text_after(help_text(&arena, /* as_nspawn= */ false), "boot-tree "));
        assert_non_null(text_after(help_text(&arena, /* as_nspawn= */ true), "systemd-nspawn "));
        arena_done(&arena);
}

static void dump_has_nine_fields_that_are_never_empty(void **state) {
        Arena arena = { 0 };
        size_t n_lines = 0, n_options;
        const char *text = help_dump(&arena);

        (void)state;
        (void)option_table(&n_options);
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
                size_t n_fields = 1, length = strcspn(line, "\n");

                for (size_t i = 0; i < length; i++)
                        if (line[i] == '\t') {
                                n_fields++;
                                assert_true(line[i + 1] != '\t' && line[i + 1] != '\n');
                        }
                assert_int_equal(n_fields, 9);
                n_lines++;
        }
        /* All rows but the words, and what only files can say. */
        assert_int_equal(n_lines, n_options - 1 - LIMIT_MAX);
        arena_done(&arena);
}

static void dump_describes_an_option_as_documented(void **state) {
        Arena arena = { 0 };
        const char *text = help_dump(&arena);

        (void)state;
        assert_non_null(strstr(text,
                        "\nconsole\t-\trequired\tMODE\tExec.Console\ttrusted\tinteractive read-only "
                        "passive pipe autopipe\tInput and output\t"));
        assert_non_null(strstr(
                        text, "\nuser\t-\trequired\tUSER\t-\tobsolete alias\t-\tExecution\t"));
        assert_non_null(strstr(text, "\npipe\tP\tnone\t-\t-\talias\t-\tInput and output\t"));
        assert_non_null(strstr(text, "\nboot\tb\tnone\t-\tExec.Boot\t-\t-\tExecution\t"));
        assert_non_null(strstr(text, "\ndry-run\t-\toptional\tFORMAT\t-\t-\tno text json "
                                     "security security-json\tGeneral\t"));
        arena_done(&arena);
}

static void version_is_one_line(void **state) {
        Arena arena = { 0 };
        const char *text = help_version(&arena);

        (void)state;
        assert_non_null(text_after(text, "boot-tree "));
        assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_fits_eighty_columns),
        cmocka_unit_test(help_shows_all_but_obsolete_options),
        cmocka_unit_test(help_names_the_program_that_was_called),
        cmocka_unit_test(dump_has_nine_fields_that_are_never_empty),
        cmocka_unit_test(dump_describes_an_option_as_documented),
        cmocka_unit_test(version_is_one_line),
};

UNIT_TEST_MAIN(tests)
