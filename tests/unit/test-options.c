/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-test.h"

#include "config/value.h"

/*
 * Walks all rows of the option table. A row without an entry below fails the test, so nobody adds
 * an option without saying what it takes and what it refuses.
 */

typedef struct {
        const char *name; /* or the letter of an option without a long name */
        const char *good[16];
        const char *bad[24];
} Examples;

/* clang-format off */
static const Examples examples[] = {
        { "quiet", { "yes" }, { "", "maybe" } },
        { "no-pager", { "yes" }, { "", "maybe" } },
        { "dry-run", { "text", "json", "no" }, { "", "xml", "JSON" } },
        { "directory", { "/", "/var/lib/machines/deb", "relative/..", "", "with space:and colon" },
          { NULL } },
        { "read-only", { "yes", "no" }, { "", "2" } },
        { "boot", { "boot" }, { "", "yes", "command" } },
        { "as-pid2", { "as-pid2" }, { "", "yes" } },
        { "chdir", { "/", "/srv", "//srv//x/", "/process" },
          { "", "srv", "/a/../b", "/a/.", "/proc", "/proc/1", "/sys/kernel", "/dev", "//dev/" } },
        { "setenv", { "A=", "A=b", "_a1=x=y", "A=\n" }, { "", "=", "=a", "1=2", "A B=c", "A-B=c", "B" } },
        { "uid", { "root", "0", "1000", "_apt", "www-data", "DOMAIN\\user", "user@host", "a.b", "größe" },
          { "", "00", "0x0", "-1", "+1", "4294967295", "4294967296", "65535", "1:1:1", "a b", "~me",
            "99999999999999999999" } },
        { "kill-signal", { "TERM", "SIGINT", "15", "RTMIN+3" }, { "", "0", "term", "65", "RTMIN+99", "-9" } },
        { "notify-ready", { "yes", "no", "1", "off" }, { "", "maybe" } },
        { "machine", { "a", "deb12", "a.b-c.d", "A", "" },
          { ".", "..", ".a", "a.", "a..b", "-a", "a-", "a-.b", "a_b", "a/b", "a b", "\x1b[31m" } },
        { "hostname", { "a", "web.example.org", "" }, { ".a", "a.", "-a", "a_b", "a\nb", "\xc3\xb6", "\x7f" } },
        { "uuid", { "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789ABCDEF" },
          { "", "0", "00000000000000000000000000000000", "00000000-0000-0000-0000-000000000000", "x" } },
        { "slice", { "a", "a.slice", "machine-web.slice", "-.slice", "-", "a/b", "\xc3\xb6" },
          { "", ".slice", "-a", "a-", "a--b" } },
        { "property", { "MemoryMax=128M", "A=", "DeviceAllow=/dev/null rw" },
          { "", "=", "A", "A B=c", "=x", "A=\n", "A=\x1b[31m", "A=\xff" } },
        { "register", { "yes", "no", "auto" }, { "", "maybe", "AUTO" } },
        { "keep-unit", { "yes", "no" }, { "" } },
        { "private-users", { "no", "yes", "pick", "identity", "0", "1", "0:65536", "65536",
                             "65536:1", "4294901759", "65536:65535", "0:7:1,1:65536:65535" },
          { "", "00", "0x0", "-1", "1:0", "1:", ":1", "1:1:1", "4294967295", "4294967295:1",
            "4294967294:2", "managed", "5:600000:1", "0:600000:1,", ",0:600000:1", "0:1:1,,1:2:1",
            "0:1:2,1:9:1", "0:1:2,2:2:1", "0:1:01", "65536,131072", "0:1:1:1" } },
        { "U", { "pick" }, { "", "no" } },
        { "private-users-delegate", { "0", "1", "16" }, { "", "17", "-1", "1k", "yes" } },
        { "private-users-ownership", { "off", "chown", "map", "foreign", "auto" }, { "", "yes", "Map" } },
        { "private-network", { "private-network" }, { "", "yes" } },
        { "network-host", { "network-host" }, { "", "yes" } },
        { "time-namespace", { "yes", "no" }, { "", "0s" } },
        { "boottime-offset", { "0", "90", "-1d", "1.5h" }, { "", "x", "1y", "99999999999999999999" } },
        { "monotonic-offset", { "0", "90", "-1d", "1.5h" }, { "", "x", "1y", "99999999999999999999" } },
        { "set-credential", { "a:b", "a:", "a.b-c d:x:y", "a:\\x00\\n\\101\\u00fc" },
          { "", "a", ":b", "a/b:c", ".:c", "..:c", "\xff:c", "a:\\", "a:\\x4", "a:\\q" } },
        { "load-credential", { "a:/b", "a:/b:c", "a:./b", "a:b", "a" },
          { "", ":", ":/b", "a:", "a/b:/c", "/b", "a:.", "a:b:c" } },
        { "console", { "interactive", "read-only", "passive", "pipe", "autopipe" },
          { "", "Pipe", "read_only", "help me" } },

        /* These only stand for others. */
        { "user", { "root" }, { "", "00" } },
        { "private-users-chown", { NULL }, { NULL } },
        { "pipe", { NULL }, { NULL } },

        /* These are carried out at once. */
        { "help", { NULL }, { NULL } },
        { "version", { NULL }, { NULL } },
        { "dump-options", { NULL }, { NULL } },
};
/* clang-format on */

static const Examples *find_examples(const Option *option) {
        const char letter[] = { option->letter, '\0' };

        for (size_t i = 0; i < ELEMENTSOF(examples); i++)
                if (text_equal(examples[i].name, option->name ?: letter))
                        return &examples[i];

        fail_msg("'%s' has no examples in this file", option->name ?: letter);
        return NULL;
}

static int set(Config *config, const Option *option, const char *text, Notes *notes) {
        OptionOrigin origin = {
                .rank = RANK_COMMAND_LINE,
                .is_trusted = true,
                .place = "here",
        };

        return config_set(config, option, text, &origin, notes);
}

static void every_row_takes_good_and_refuses_bad_values(void **state) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++) {
                const Option *option = &options[i];
                const Examples *example;

                if (option == option_words() || option->action != ACTION_RUN)
                        continue;
                example = find_examples(option);

                for (size_t j = 0; j < ELEMENTSOF(example->good) && example->good[j]; j++) {
                        Config config;
                        Notes notes = { 0 };

                        config_init(&config, /* as_nspawn= */ false);
                        if (set(&config, option, example->good[j], &notes) < 0)
                                fail_msg("%s '%s': %s", example->name, example->good[j],
                                                last_note(&notes));
                        config_done(&config);
                }
                for (size_t j = 0; j < ELEMENTSOF(example->bad) && example->bad[j]; j++) {
                        Config config, empty = { 0 };
                        Notes notes = { 0 };

                        config_init(&config, /* as_nspawn= */ false);
                        if (set(&config, option, example->bad[j], &notes) != -EINVAL)
                                fail_msg("%s '%s' was not refused", example->name, example->bad[j]);
                        if (!text_after(last_note(&notes), "here: "))
                                fail_msg("%s '%s': '%s' has no place", example->name,
                                                example->bad[j], last_note(&notes));
                        config_done(&config);
                        assert_memory_equal(&config, &empty, sizeof config);
                }
        }
}

static void every_example_has_a_row(void **state) {
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(examples); i++)
                if (!option_find(examples[i].name) && !option_find_letter(examples[i].name[0]))
                        fail_msg("'%s' is no option", examples[i].name);
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
                        Notes notes = { 0 };

                        assert_int_equal(set(&config, &options[i], words.items[j], &notes), 0);
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

/* What an untrusted file may set by the reference's table; a tree brings such a file along. */
static void only_harmless_keys_need_no_trust(void **state) {
        static const char *const harmless[] = {
                "Exec.Boot",
                "Exec.ProcessTwo",
                "Exec.Parameters",
                "Exec.Environment",
                "Exec.User",
                "Exec.WorkingDirectory",
                "Exec.KillSignal",
                "Files.ReadOnly",
                "Exec.Hostname",
                "Exec.NotifyReady",
        };
        size_t n_options, n_untrusted = 0;
        const Option *options = option_table(&n_options);

        (void)state;
        for (size_t i = 0; i < n_options; i++)
                n_untrusted += options[i].key && !(options[i].flags & OPTION_TRUSTED);
        assert_int_equal(n_untrusted, ELEMENTSOF(harmless));
        for (size_t i = 0; i < ELEMENTSOF(harmless); i++) {
                assert_non_null(option_find_key(harmless[i]));
                assert_false(option_find_key(harmless[i])->flags & OPTION_TRUSTED);
        }
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
        cmocka_unit_test(sixty_four_kilobytes_are_no_value_of_a_name),
        cmocka_unit_test(slices_are_mangled_as_systemctl_does),
        cmocka_unit_test(machine_names_are_cleaned_into_valid_ones),
};

UNIT_TEST_MAIN(tests)
