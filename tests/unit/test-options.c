/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings-test.h"

#include "config/set.h"
#include "config/value.h"
#include "option-examples.h"

/* Walks all rows of the option table. */

static int set(Config *config, const Option *option, const char *text, Notes *notes) {
        OptionOrigin origin = {
                .rank = RANK_COMMAND_LINE,
                .is_trusted = true,
                .place = "here",
                .source = "test",
        };

        return config_set(config, option, text, &origin, notes);
}

static void assert_takes(const Option *option, const char *name, const char *text) {
        Config config;
        Notes notes = { 0 };

        config_init(&config, /* as_nspawn= */ false);
        if (set(&config, option, text, &notes) < 0)
                fail_msg("%s '%s': %s", name, text, last_note(&notes));
        config_done(&config);
}

static void assert_refuses(const Option *option, const char *name, const char *text) {
        Config config, empty = { 0 };
        Notes notes = { 0 };

        config_init(&config, /* as_nspawn= */ false);
        if (set(&config, option, text, &notes) != -EINVAL)
                fail_msg("%s '%s' was not refused", name, text);
        if (!text_after(last_note(&notes), "here: "))
                fail_msg("%s '%s': '%s' has no place", name, text, last_note(&notes));
        config_done(&config);
        assert_memory_equal(&config, &empty, sizeof config);
}

static void every_row_takes_good_and_refuses_bad_values(void **state) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                const OptionExamples *examples = option_examples_find(&options[i]);

                if (options[i].action != ACTION_RUN)
                        continue;
                if (!examples || !examples->good[0] || !examples->bad[0])
                        fail_msg("'%s' lacks good or bad values in option-examples.c",
                                        options[i].name ?: options[i].help);

                for (size_t j = 0; j < ELEMENTSOF(examples->good) && examples->good[j]; j++)
                        assert_takes(&options[i], examples->name, examples->good[j]);
                if (text_equal(examples->bad[0], ANY_TEXT_IS_GOOD))
                        continue;
                for (size_t j = 0; j < ELEMENTSOF(examples->bad) && examples->bad[j]; j++)
                        assert_refuses(&options[i], examples->name, examples->bad[j]);
        }
}

static void every_example_has_a_row(void **state) {
        size_t n_examples, n_options;
        const OptionExamples *examples = option_examples(&n_examples);
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_examples; i++) {
                size_t n_found = 0;

                for (size_t j = 0; j < n_options; j++)
                        n_found += option_examples_find(&options[j]) == &examples[i];
                if (n_found != 1)
                        fail_msg("'%s' stands for %zu options", examples[i].name, n_found);
        }
}

static void fixed_texts_are_values_of_their_option(void **state) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                Config config;
                Notes notes = { 0 };

                if (options[i].action != ACTION_RUN || !options[i].text || options[i].metavar)
                        continue;
                config_init(&config, /* as_nspawn= */ false);
                assert_int_equal(set(&config, &options[i], NULL, &notes), 0);
                config_done(&config);
        }
}

static void listed_words_are_values_of_their_option(void **state) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                Config config;
                StringList words;

                if (!options[i].values)
                        continue;
                config_init(&config, /* as_nspawn= */ false);
                words = options[i].values(&config.arena);
                assert_true(words.n_items > 0);
                for (size_t j = 0; j < words.n_items; j++) {
                        const char *word = arena_copy_n(&config.arena, words.items[j],
                                        strcspn(words.items[j], "\t"));
                        Notes notes = { 0 };

                        assert_int_equal(set(&config, &options[i], word, &notes), 0);
                }
                config_done(&config);
        }
}

static void names_letters_and_keys_are_unique(void **state) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                if (options[i].name)
                        assert_ptr_equal(option_find(options[i].name), &options[i]);
                if (options[i].letter)
                        assert_ptr_equal(option_find_letter(options[i].letter), &options[i]);
                if (options[i].key)
                        assert_ptr_equal(option_find_key(options[i].key), &options[i]);
        }
}

static void rows_are_complete(void **state) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                const Option *option = &options[i];

                assert_non_null(option->group);
                assert_non_null(option->help);
                assert_int_equal(!option->metavar, !!(option->flags & OPTION_FLAG));
                if (option->flags & OPTION_FAMILY)
                        assert_null(option->key); /* nothing puts it back to its default */
                if (option->action != ACTION_RUN || (option->flags & OPTION_ALIAS)) {
                        assert_int_equal(option->slot, SLOT_MAX);
                        continue;
                }
                assert_true(option->slot < SLOT_MAX);
                assert_true(option->size > 0 && option->offset + option->size <= sizeof(Config));
                if (option->flags & (OPTION_FLAG | OPTION_OPTIONAL))
                        assert_non_null(option->text);
        }
}

/* What an untrusted file may set by the reference's table; a tree brings such a file along. With
 * --settings=override it may replace what the command line says, but no limit. */
static void only_harmless_keys_need_no_trust(void **state) {
        static const struct {
                const char *key;
                bool is_guard;
        } harmless[] = {
                { "Exec.Boot", false },
                { "Exec.ProcessTwo", false },
                { "Exec.Parameters", false },
                { "Exec.Environment", false },
                { "Exec.User", true },
                { "Exec.WorkingDirectory", false },
                { "Exec.KillSignal", false },
                { "Files.ReadOnly", true },
                { "Files.Volatile", true },
                { "Exec.Hostname", false },
                { "Exec.NotifyReady", false },
                { "Exec.ResolvConf", false },
                { "Exec.Timezone", false },
                { "Exec.SuppressSync", false },
                { "Exec.DropCapability", true },
                { "Exec.Personality", false },
                { "Exec.NoNewPrivileges", true },
        };
        size_t n_options, n_untrusted = 0;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++)
                n_untrusted += options[i].key && !(options[i].flags & OPTION_TRUSTED);
        assert_int_equal(n_untrusted, ELEMENTSOF(harmless));
        for (size_t i = 0; i < ELEMENTSOF(harmless); i++) {
                const Option *option = option_find_key(harmless[i].key);

                assert_non_null(option);
                assert_false(option->flags & OPTION_TRUSTED);
                assert_int_equal(!!(option->flags & OPTION_GUARD), harmless[i].is_guard);
        }
}

/* Only what chooses the tree, the name or the settings, or is about this one call, has no key; and
 * two that are said otherwise: Network.Private=no, Exec.PrivateUsers=pick. */
static void every_other_option_has_a_settings_key(void **state) {
        static const char *const without[] = { "help", "version", "dump-options", "no-pager",
                "dry-run", "cleanup", "settings", "directory", "machine", "template", "mstack",
                "network-host", "U" };
        size_t n_options, n_without = 0;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                const char letter[] = { options[i].letter, '\0' };
                bool is_listed = false;

                if (options[i].key || (options[i].flags & OPTION_ALIAS))
                        continue;
                for (size_t j = 0; j < ELEMENTSOF(without); j++)
                        is_listed |= text_equal(without[j], options[i].name ?: letter);
                if (!is_listed)
                        fail_msg("'%s' has no settings key", options[i].name ?: letter);
                n_without++;
        }
        assert_int_equal(n_without, ELEMENTSOF(without));
}

/* "[Section]\nKey=" of OPTION with the value TEXT, or what says yes to a flag. */
static const char *settings_text(Arena *arena, const Option *option, const char *text) {
        char *section = arena_copy(arena, option->key), *dot = strchr(section, '.');
        bool has_spaces = option->flags & OPTION_WORDS && !(option->flags & OPTION_FLAG);

        *dot = '\0';
        return arena_printf(arena, has_spaces ? "[%s]\n%s=\"%s\"\n" : "[%s]\n%s=%s\n", section,
                        dot + 1, option->flags & OPTION_FLAG ? "yes" : text);
}

static void every_key_sets_in_a_file_what_its_option_sets(void **state) {
        Arena arena = { 0 };
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                const Option *option = &options[i];
                const char *text;

                if (!option->key || option->flags & OPTION_ALIAS)
                        continue;
                text = option_examples_find(option)->good[0]; /* an empty one would reset */
                if (text_is_empty(text))
                        text = option_examples_find(option)->good[1];
                CLEANUP_PARSED Parsed file = read_file(normal, settings_text(&arena, option, text));

                if (file.r < 0 || file.notes.n_items > 0 || file.config.n_settings == 0)
                        fail_msg("%s=%s: %s", option->key, text, last_note(&file.notes));
                for (size_t j = 0; j < file.config.n_settings; j++)
                        assert_ptr_equal(file.config.settings[j].option, option);
                assert_int_equal(file.config.ranks[option->slot], RANK_SETTINGS_FILE);
        }
        arena_done(&arena);
}

static void sixty_four_kilobytes_are_no_value_of_a_name(void **state) {
        static const char *const names[] = { "uid", "machine", "hostname", "uuid", "chdir", "slice",
                "directory", "private-users" };
        static char text[65537];

        (void)state;
        memset(text, '1', sizeof text - 1);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                Config config;
                Notes notes = { 0 };

                text[0] = text_equal(names[i], "chdir") ? '/' : '1';
                config_init(&config, /* as_nspawn= */ false);
                assert_int_equal(set(&config, option_find(names[i]), text, &notes), -EINVAL);
                assert_true(strlen(last_note(&notes)) < 200);
                config_done(&config);
        }
}

static void slices_are_mangled_as_systemctl_does(void **state) {
        static const struct {
                const char *text;
                const char *slice;
        } cases[] = {
                { "web", "web.slice" },
                { "web.slice", "web.slice" },
                { "a/b", "a-b.slice" },
                { "a b", "a\\x20b.slice" },
                { "-.slice", "-.slice" },
                { "\xc3\xb6", "\\xc3\\xb6.slice" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Config config;
                Notes notes = { 0 };

                config_init(&config, /* as_nspawn= */ false);
                assert_int_equal(set(&config, option_find("slice"), cases[i].text, &notes), 0);
                assert_string_equal(config.slice, cases[i].slice);
                config_done(&config);
        }
}

static void machine_names_are_cleaned_into_valid_ones(void **state) {
        static const struct {
                const char *text;
                const char *name;
        } cases[] = {
                { "deb", "deb" },
                { "Debian_12", "Debian12" },
                { ".hidden", "hidden" },
                { "a..b", "a.b" },
                { "-a-", "a" },
                { "a-.b", "a.b" },
                { "a.-b.", "a.b" },
                { "...", "" },
                { "\xc3\xb6", "" },
        };
        Arena arena = { 0 };
        char text[200];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(hostname_clean(&arena, cases[i].text), cases[i].name);

        memset(text, 'a', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        text[63] = '-';
        assert_true(hostname_is_valid(hostname_clean(&arena, text)));
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_takes_good_and_refuses_bad_values),
        cmocka_unit_test(every_example_has_a_row),
        cmocka_unit_test(fixed_texts_are_values_of_their_option),
        cmocka_unit_test(listed_words_are_values_of_their_option),
        cmocka_unit_test(names_letters_and_keys_are_unique),
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(only_harmless_keys_need_no_trust),
        cmocka_unit_test(every_other_option_has_a_settings_key),
        cmocka_unit_test(every_key_sets_in_a_file_what_its_option_sets),
        cmocka_unit_test(sixty_four_kilobytes_are_no_value_of_a_name),
        cmocka_unit_test(slices_are_mangled_as_systemctl_does),
        cmocka_unit_test(machine_names_are_cleaned_into_valid_ones),
};

UNIT_TEST_MAIN(tests)
