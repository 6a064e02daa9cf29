/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-test.h"

#include "config/set.h"
#include "config/value.h"

/* Precedence, trust, defaults, and the checks between settings. */

typedef struct {
        Config config;
        Notes notes;
} Loaded;

static void loaded_done(Loaded *loaded) {
        config_done(&loaded->config);
}

#define CLEANUP_LOADED __attribute__((cleanup(loaded_done)))

static int set(Loaded *loaded, ConfigRank rank, const char *name, const char *text) {
        OptionOrigin origin = {
                .rank = rank, .is_trusted = true, .place = "here", .source = "test"
        };

        return config_set(&loaded->config, option_find(name), text, &origin, &loaded->notes);
}

static void higher_rank_wins_in_any_order(void **state) {
        CLEANUP_LOADED Loaded first = { 0 }, second = { 0 };

        (void)state;
        assert_int_equal(set(&first, RANK_COMMAND_LINE, "hostname", "line"), 0);
        assert_int_equal(set(&first, RANK_SETTINGS_FILE, "hostname", "file"), 0);
        assert_string_equal(first.config.hostname, "line");

        assert_int_equal(set(&second, RANK_SETTINGS_FILE, "hostname", "file"), 0);
        assert_int_equal(set(&second, RANK_COMMAND_LINE, "hostname", "line"), 0);
        assert_string_equal(second.config.hostname, "line");
        assert_int_equal(set(&second, RANK_OVERRIDE, "hostname", "override"), 0);
        assert_string_equal(second.config.hostname, "override");
}

static void higher_rank_replaces_a_list_and_equal_rank_appends(void **state) {
        CLEANUP_LOADED Loaded loaded = { 0 };
        const StringList *list = &loaded.config.properties;

        (void)state;
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "property", "A=file"), 0);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "property", "B=file"), 0);
        assert_int_equal(list->n_items, 2);
        assert_int_equal(set(&loaded, RANK_COMMAND_LINE, "property", "C=line"), 0);
        assert_int_equal(list->n_items, 1);
        assert_int_equal(set(&loaded, RANK_COMMAND_LINE, "property", "D=line"), 0);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "property", "E=file"), 0);
        assert_int_equal(list->n_items, 2);
        assert_string_equal(list->items[1], "D=line");
}

static void slot_is_replaced_as_a_unit(void **state) {
        CLEANUP_LOADED Loaded loaded = { 0 };

        (void)state;
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "private-users", "pick"), 0);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "private-users-ownership", "chown"), 0);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "boottime-offset", "1d"), 0);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "boot", NULL), 0);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "private-network", NULL), 0);

        assert_int_equal(set(&loaded, RANK_COMMAND_LINE, "private-users", "yes"), 0);
        assert_int_equal(loaded.config.private_users.mode, USERS_YES);
        assert_int_equal(loaded.config.ownership, OWNERSHIP_DEFAULT);

        assert_int_equal(set(&loaded, RANK_COMMAND_LINE, "time-namespace", "yes"), 0);
        assert_int_equal(loaded.config.boottime_offset_us, 0);
        assert_int_equal(loaded.config.boottime_is_set, TRISTATE_UNSET);

        /* No conflict: the file's choice is gone before the command line's comes. */
        assert_int_equal(set(&loaded, RANK_COMMAND_LINE, "as-pid2", NULL), 0);
        assert_int_equal(loaded.config.start_mode, START_AS_PID2);
        assert_int_equal(set(&loaded, RANK_COMMAND_LINE, "network-host", NULL), 0);
        assert_int_equal(loaded.config.network_mode, NETWORK_HOST);
        assert_int_equal(loaded.notes.n_items, 0);
}

static void words_of_the_command_line_replace_the_files_start(void **state) {
        OptionOrigin origin = {
                .rank = RANK_SETTINGS_FILE, .is_trusted = true, .place = "file", .source = "test"
        };
        CLEANUP_LOADED Loaded loaded = { 0 };

        (void)state;
        assert_int_equal(config_set(&loaded.config, option_words(), "file", &origin, &loaded.notes),
                        0);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "boot", NULL), 0);
        origin.rank = RANK_COMMAND_LINE;
        assert_int_equal(config_set(&loaded.config, option_words(), "line", &origin, &loaded.notes),
                        0);
        assert_int_equal(loaded.config.start_mode, START_DEFAULT);
        assert_int_equal(loaded.config.words.n_items, 1);
        assert_string_equal(loaded.config.words.items[0], "line");
}

static void bad_value_of_higher_rank_changes_nothing(void **state) {
        CLEANUP_LOADED Loaded loaded = { 0 };

        (void)state;
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "property", "A=file"), 0);
        assert_int_equal(set(&loaded, RANK_COMMAND_LINE, "property", "bad"), -EINVAL);
        assert_int_equal(loaded.config.properties.n_items, 1);
        assert_int_equal(set(&loaded, RANK_SETTINGS_FILE, "property", "B=file"), 0);
        assert_int_equal(loaded.config.properties.n_items, 2);
}

static void untrusted_file_sets_only_what_is_harmless(void **state) {
        OptionOrigin origin = { .rank = RANK_SETTINGS_FILE, .place = "web.nspawn:3: Slice=" };
        CLEANUP_LOADED Loaded loaded = { 0 };

        (void)state;
        assert_int_equal(config_set(&loaded.config, option_find("slice"), "system", &origin,
                                         &loaded.notes),
                        0);
        assert_null(loaded.config.slice);
        assert_int_equal(loaded.notes.items[0].level, LOG_WARNING);
        assert_string_equal(last_note(&loaded.notes),
                        "web.nspawn:3: Slice=: Only a trusted settings file may set this, ignoring");

        assert_int_equal(config_set(&loaded.config, option_find("hostname"), "web", &origin,
                                         &loaded.notes),
                        0);
        assert_string_equal(loaded.config.hostname, "web");
}

/* LINE as PROGRAM, parsed and checked. */
static Parsed check_as(const char *program, const char *line) {
        Parsed parsed = parse_as(program, line);

        assert_int_equal(parsed.r, 0);
        parsed.r = config_check(&parsed.config, &parsed.notes);
        return parsed;
}

static void start_depends_on_program_and_words(void **state) {
        static const struct {
                const char *program;
                const char *line;
                StartMode mode;
        } cases[] = {
                { "boot-tree", "-D /t", START_BOOT },
                { "boot-tree", "-D /t /bin/true", START_COMMAND },
                { "boot-tree", "-D /t -b word", START_BOOT },
                { "boot-tree", "-D /t -a", START_AS_PID2 },
                { "boot-tree", "-D /t -u joe", START_COMMAND },
                { "systemd-nspawn", "-D /t", START_COMMAND },
                { "systemd-nspawn", "-D /t -b", START_BOOT },
                { "systemd-nspawn", "-D /t -a /bin/true", START_AS_PID2 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CLEANUP_PARSED Parsed parsed = check_as(cases[i].program, cases[i].line);

                assert_int_equal(parsed.r, 0);
                assert_int_equal(parsed.config.start_mode, cases[i].mode);
        }
}

static void assignments_among_inits_words_become_environment(void **state) {
        CLEANUP_PARSED Parsed parsed = check_as(
                        "boot-tree", "-D /t -b -E A=old A=1 my-key=2 a.b=3 9=4 =5 word --x=6");

        (void)state;
        assert_int_equal(parsed.config.environment.n_items, 2);
        assert_string_equal(parsed.config.environment.items[0], "A=1");
        assert_string_equal(parsed.config.environment.items[1], "my_key=2");
        assert_int_equal(parsed.config.words.n_items, 5);
        assert_string_equal(parsed.config.words.items[0], "a.b=3");
        assert_string_equal(parsed.config.words.items[1], "9=4");
        assert_string_equal(parsed.config.words.items[3], "word");
        assert_string_equal(parsed.config.words.items[4], "--x=6");
}

static void words_of_a_command_stay_words(void **state) {
        CLEANUP_PARSED Parsed parsed = check_as("boot-tree", "-D /t env A=1");

        (void)state;
        assert_int_equal(parsed.config.words.n_items, 2);
        assert_int_equal(parsed.config.environment.n_items, 0);
}

static void tree_is_needed_but_nspawn_takes_the_current_folder(void **state) {
        CLEANUP_PARSED Parsed ours = check_as("boot-tree", "-b");
        CLEANUP_PARSED Parsed by_name = check_as("boot-tree", "-M deb");
        CLEANUP_PARSED Parsed theirs = check_as("systemd-nspawn", "-b");

        (void)state;
        assert_int_equal(ours.r, -EINVAL);
        assert_string_equal(last_note(&ours.notes),
                        "No tree given (use --directory=PATH or --machine=NAME)");
        assert_int_equal(by_name.r, 0);
        assert_null(by_name.config.directory);
        assert_int_equal(theirs.r, 0);
        assert_string_equal(theirs.config.directory, ".");
}

static void an_ephemeral_template_is_the_tree_where_none_is_named(void **state) {
        CLEANUP_PARSED Parsed alone = parse("-x --template=/a"),
                              both = parse("-x --template=/a -D /b"), lost = parse("--template=/a");

        (void)state;
        assert_int_equal(config_check(&alone.config, &alone.notes), 0);
        assert_string_equal(alone.config.directory, "/a");
        assert_null(alone.config.template);
        assert_int_equal(config_check(&both.config, &both.notes), -EINVAL);
        assert_int_equal(config_check_tree(&lost.config, &lost.notes), -EINVAL);
}

static void cleaning_up_needs_a_name_and_excludes_a_run(void **state) {
        static const struct {
                const char *line;
                const char *note;
        } cases[] = {
                { "--cleanup", "--cleanup needs --machine= or --directory=" },
                { "--cleanup -M x --dry-run", "--cleanup cannot be combined with --dry-run" },
                { "--cleanup -M x -x", "--cleanup cannot be combined with --ephemeral" },
        };
        CLEANUP_PARSED Parsed good = parse("--cleanup -M x");

        (void)state;
        assert_int_equal(config_check_clean_up(&good.config, &good.notes), 0);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CLEANUP_PARSED Parsed parsed = parse(cases[i].line);

                assert_int_equal(parsed.r, 0);
                assert_int_equal(config_check_clean_up(&parsed.config, &parsed.notes), -EINVAL);
                assert_string_equal(last_note(&parsed.notes), cases[i].note);
        }
}

static void settings_that_contradict_each_other_are_refused(void **state) {
        static const struct {
                const char *line;
                const char *note;
        } cases[] = {
                { "--read-only --private-users-ownership=chown",
                                "--read-only cannot be combined with --private-users-ownership=chown" },
                { "-x --link-journal=host",
                                "--ephemeral cannot be combined with --link-journal=host" },
                { "-x --link-journal=guest",
                                "--ephemeral cannot be combined with --link-journal=guest" },
                { "--forward-journal-max-files=1",
                                "--forward-journal-max-use=, -keep-free=, -max-file-size= and "
                                "-max-files= need --forward-journal=" },
                { "--time-namespace=no --boottime-offset=1",
                                "--boottime-offset= and --monotonic-offset= cannot be combined with "
                                "--time-namespace=no" },
                { "--monotonic-offset=1 --time-namespace=no",
                                "--boottime-offset= and --monotonic-offset= cannot be combined with "
                                "--time-namespace=no" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CLEANUP_PARSED Parsed parsed = parse(cases[i].line);

                assert_int_equal(parsed.r, 0);
                parsed.config.directory = "/t";
                assert_int_equal(config_check(&parsed.config, &parsed.notes), -EINVAL);
                assert_string_equal(last_note(&parsed.notes), cases[i].note);
        }
}

static void ownership_without_a_user_namespace_is_ignored_with_a_warning(void **state) {
        static const struct {
                const char *program;
                const char *line;
        } cases[] = {
                { "boot-tree", "-D /t --private-users=no --private-users-ownership=map" },
                { "systemd-nspawn", "-D /t --private-users-ownership=map" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CLEANUP_PARSED Parsed parsed = check_as(cases[i].program, cases[i].line);

                assert_int_equal(parsed.r, 0);
                assert_int_equal(parsed.notes.n_items, 1);
                assert_int_equal(parsed.notes.items[0].level, LOG_WARNING);
                assert_string_equal(last_note(&parsed.notes),
                                "--private-users-ownership=map has no effect without a user "
                                "namespace, ignoring");
        }
}

/* Names are parts of paths, of units and of host names: one rule holds for all. */
static void names_are_letters_digits_dots_and_inner_dashes(void **state) {
#define TEN   "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN
        static const char *const good[] = { "a", "A", "0", "a-b", "a--b", "a.b", "a-b.c-d",
                "x86-64", "web-1.example.com", "1.2.3.4", "a1", "UPPER", SIXTY "aaaa",
                "a.b.c.d.e.f" };
        static const char *const bad[] = { "", ".", "..", "-", "--", "/", "-a", "a-", ".a", "a.",
                "a..b", "a.-b", "a-.b", "../a", "a/b", "/a", "a/", "../../x", "a b", " a", "a ",
                "a;b", "a&b", "a|b", "a\nb", "a\n", "\na", "a\tb", "a\rb", "a\033[2Jb", "a\177b",
                "a\200b", "\303\274", "\342\200\256a", "\377", "a_b", "a@b", "a:b", "a%b", "%i",
                "a$b", "$(x)", "`x`", "a'b", "a\"b", "a\\b", "a\\x2db", "a*b", "a?b", "[a]",
                "{a,b}", "~a", "#a", "a=b", "a+b", "a,b", "!a", "<a>", "(a)", "^a", SIXTY "aaaaa",
                SIXTY SIXTY SIXTY };

        (void)state;
        assert_true(ELEMENTSOF(bad) >= 60);
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                if (!hostname_is_valid(good[i]))
                        fail_msg("'%s' was refused", good[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (hostname_is_valid(bad[i]))
                        fail_msg("'%s' was taken", bad[i]);
}

static void usual_command_lines_leave_no_note(void **state) {
        static const char *const lines[] = {
                "-D /t",
                "-M deb -b",
                "-D /t -U --private-users-ownership=chown",
                "-D /t --private-users=131072 --private-users-ownership=chown",
                "-D /t --private-users=no --private-users-ownership=off",
                "-qD /t --keep-unit",
                "-D /t --boottime-offset=1d /bin/true",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                CLEANUP_PARSED Parsed parsed = check_as("boot-tree", lines[i]);

                assert_int_equal(parsed.r, 0);
                assert_int_equal(parsed.notes.n_items, 0);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(higher_rank_wins_in_any_order),
        cmocka_unit_test(higher_rank_replaces_a_list_and_equal_rank_appends),
        cmocka_unit_test(slot_is_replaced_as_a_unit),
        cmocka_unit_test(words_of_the_command_line_replace_the_files_start),
        cmocka_unit_test(bad_value_of_higher_rank_changes_nothing),
        cmocka_unit_test(untrusted_file_sets_only_what_is_harmless),
        cmocka_unit_test(start_depends_on_program_and_words),
        cmocka_unit_test(assignments_among_inits_words_become_environment),
        cmocka_unit_test(words_of_a_command_stay_words),
        cmocka_unit_test(tree_is_needed_but_nspawn_takes_the_current_folder),
        cmocka_unit_test(an_ephemeral_template_is_the_tree_where_none_is_named),
        cmocka_unit_test(cleaning_up_needs_a_name_and_excludes_a_run),
        cmocka_unit_test(settings_that_contradict_each_other_are_refused),
        cmocka_unit_test(ownership_without_a_user_namespace_is_ignored_with_a_warning),
        cmocka_unit_test(names_are_letters_digits_dots_and_inner_dashes),
        cmocka_unit_test(usual_command_lines_leave_no_note),
};

UNIT_TEST_MAIN(tests)
