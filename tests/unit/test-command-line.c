/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config-test.h"

#include <signal.h>

static void all_argument_forms_mean_the_same(void **state) {
        static const char *const forms[] = {
                "--directory=/t --quiet --boot",
                "--directory /t -q -b",
                "-D /t -qb",
                "-D/t -bq",
                "-qbD /t",
                "-bqD/t",
                "--dir=/t --qu --boot",
                "-b -q -D /t --",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
                CLEANUP_PARSED Parsed parsed = parse(forms[i]);

                assert_int_equal(parsed.r, 0);
                assert_string_equal(parsed.config.directory, "/t");
                assert_true(parsed.config.quiet);
                assert_int_equal(parsed.config.start_mode, START_BOOT);
                assert_int_equal(parsed.config.words.n_items, 0);
                assert_int_equal(parsed.notes.n_items, 0);
        }
}

static void options_end_at_the_first_word(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("-D /t ls -l --quiet -- x");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_false(parsed.config.quiet);
        assert_int_equal(parsed.config.words.n_items, 5);
        assert_string_equal(parsed.config.words.items[1], "-l");
        assert_string_equal(parsed.config.words.items[4], "x");
}

static void two_dashes_end_the_options_once(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("-D /t -- -q -- x");

        (void)state;
        assert_int_equal(parsed.config.words.n_items, 3);
        assert_string_equal(parsed.config.words.items[0], "-q");
        assert_false(parsed.config.quiet);
}

static void one_dash_is_a_word(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("-D /t - -q");

        (void)state;
        assert_int_equal(parsed.config.words.n_items, 2);
        assert_string_equal(parsed.config.words.items[0], "-");
}

static void required_argument_may_look_like_an_option(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("--directory -q -D--");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_string_equal(parsed.config.directory, "--");
        assert_false(parsed.config.quiet);
}

static void optional_argument_must_be_attached(void **state) {
        CLEANUP_PARSED Parsed detached = parse("--private-users no");
        CLEANUP_PARSED Parsed attached = parse("--private-users=no --dry-run=json");
        CLEANUP_PARSED Parsed alone = parse("--dry-run --private-users");
        CLEANUP_PARSED Parsed letter = parse("-xq -D tree");

        (void)state;
        assert_int_equal(detached.config.private_users.mode, USERS_YES);
        assert_int_equal(detached.config.words.n_items, 1);
        assert_int_equal(attached.config.private_users.mode, USERS_NO);
        assert_int_equal(attached.config.dry_run, DRY_RUN_JSON);
        assert_int_equal(alone.config.dry_run, DRY_RUN_TEXT);
        assert_int_equal(alone.config.private_users.mode, USERS_YES);
        assert_int_equal(letter.config.ephemeral, EPHEMERAL_DISK);
        assert_true(letter.config.quiet);
        assert_string_equal(letter.config.directory, "tree");
}

static void empty_and_missing_arguments_are_different(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("--machine=a --machine=");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_null(parsed.config.machine);
        assert_refused("--machine", "Option '--machine' needs an argument");
        assert_refused("-qM", "Option '-M' needs an argument");
        assert_refused("--uid=", "--uid=: empty user name");
}

static void wrong_options_are_named(void **state) {
        (void)state;
        assert_refused("--foo", "Unknown option '--foo'");
        assert_refused("--foo=bar", "Unknown option '--foo'");
        assert_refused("--hostnmae=x", "Unknown option '--hostnmae' (did you mean '--hostname'?)");
        assert_refused("--bot", "Unknown option '--bot' (did you mean '--boot'?)");
        assert_refused("-z", "Unknown option '-z'");
        assert_refused("-qz", "Unknown option '-z'");
        assert_refused("--=x", "Unknown option '--'");
        assert_refused("--boot=yes", "Option '--boot' takes no argument");
}

static void ambiguous_prefixes_name_their_candidates(void **state) {
        (void)state;
        assert_refused("--bo", "Option '--bo' is ambiguous: '--boot', '--boottime-offset'");
        assert_refused("--u=x",
                        "Option '--u' is ambiguous: '--upper', '--uid', '--user', '--uuid'");
}

static void whole_name_is_not_a_prefix_of_longer_ones(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("--private-users=pick --boot");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.config.private_users.mode, USERS_PICK);
}

static void bad_values_have_place_and_reason(void **state) {
        (void)state;
        assert_refused("--uuid=x", "--uuid=x: not a UUID");
        assert_refused("-M ..",
                        "--machine=..: not a machine name (up to 64 letters, digits, dots and "
                        "inner dashes)");
        assert_refused("--console=foo",
                        "--console=foo: not one of interactive, read-only, passive, pipe, autopipe");
        assert_refused("--chdir=/proc/1", "--chdir=/proc/1: may not lie below /proc, /sys or /dev");
        assert_refused("--private-users=0x0",
                        "--private-users=0x0: not one of no, yes, pick, identity, BASE, "
                        "BASE:COUNT or INSIDE:OUTSIDE:COUNT,...");
}

static void messages_carry_no_terminal_controls_and_no_screenfuls(void **state) {
        static char line[70000] = "--hostname=";

        (void)state;
        assert_refused("--\x1b[31m", "Unknown option '--\\x1b[31m'");
        assert_refused("-\x1b", "Unknown option '-\\x1b'");
        assert_refused("--user=\x1b[2J", "--user=\\x1b[2J: not a user name");

        memset(line + strlen(line), 'a', 65536);
        {
                CLEANUP_PARSED Parsed parsed = parse(line);

                assert_int_equal(parsed.r, -EINVAL);
                assert_true(strlen(last_note(&parsed.notes)) < 300);
        }
        memset(line + 2, 'a', 65536);
        {
                CLEANUP_PARSED Parsed parsed = parse(line);

                assert_int_equal(parsed.r, -EINVAL);
                assert_true(strlen(last_note(&parsed.notes)) < 300);
        }
}

static void secrets_are_not_in_messages(void **state) {
        (void)state;
        assert_refused("--set-credential=a:secret\\q",
                        "--set-credential=a:...: bad escape behind a backslash");
        assert_refused("--set-credential=secret", "--set-credential=...: not of the form ID:VALUE");
        assert_refused("--set-credential=a:one --set-credential=a:two",
                        "--set-credential=a:...: there is a credential of that name already");
        assert_refused("--set-credential=a:one --load-credential=a:/two",
                        "--load-credential=a:/two: there is a credential of that name already");
}

static void bare_variable_copies_the_callers_value(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("-E HOME --setenv=EMPTY -E A=1 -E HOME=/x -EHOMER");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.config.environment.n_items, 4);
        assert_string_equal(parsed.config.environment.items[0], "HOME=/x");
        assert_string_equal(parsed.config.environment.items[1], "EMPTY=");
        assert_string_equal(parsed.config.environment.items[2], "A=1");
        assert_string_equal(parsed.config.environment.items[3], "HOMER=x");
}

static void variable_that_the_caller_has_not_is_left_out_with_a_warning(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("-E HOM");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.config.environment.n_items, 0);
        assert_int_equal(parsed.notes.items[0].level, LOG_WARNING);
        assert_string_equal(
                        last_note(&parsed.notes), "--setenv=HOM: No such variable here, ignoring");
}

static void old_forms_work_with_a_warning(void **state) {
        static const char *const forms[] = { "--user joe", "--user=joe" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
                CLEANUP_PARSED Parsed parsed = parse(forms[i]);

                assert_int_equal(parsed.r, 0);
                assert_string_equal(parsed.config.user, "joe");
                assert_string_equal(last_note(&parsed.notes), "--user=joe: Obsolete, use '--uid='");
        }

        {
                CLEANUP_PARSED Parsed parsed = parse("--private-users-chown");

                assert_int_equal(parsed.config.ownership, OWNERSHIP_CHOWN);
                assert_int_equal(parsed.notes.n_items, 1);
        }
}

static void letters_replace_what_was_said_before(void **state) {
        CLEANUP_PARSED Parsed parsed = parse(
                        "--private-users-ownership=chown --private-users=no -U --console=passive -P");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.config.private_users.mode, USERS_PICK_IF_POSSIBLE);
        assert_int_equal(parsed.config.ownership, OWNERSHIP_CHOWN); /* as nspawn has it */
        assert_int_equal(parsed.config.console_mode, CONSOLE_PIPE);
        assert_int_equal(parsed.notes.n_items, 0);
}

static void last_value_wins_and_lists_add_up(void **state) {
        CLEANUP_PARSED Parsed parsed =
                        parse("-D /a -D /b --property=A=1 --property=A=2 --kill-signal=TERM "
                              "--kill-signal=INT --boottime-offset=1d --boottime-offset=2s");

        (void)state;
        assert_string_equal(parsed.config.directory, "/b");
        assert_int_equal(parsed.config.properties.n_items, 2);
        assert_string_equal(parsed.config.properties.items[1], "A=2");
        assert_int_equal(parsed.config.kill_signal, SIGINT);
        assert_int_equal(parsed.config.boottime_offset_us, 2000000);
        assert_int_equal(parsed.config.boottime_is_set, TRISTATE_YES);
        assert_int_equal(parsed.config.monotonic_is_set, TRISTATE_UNSET);
}

static void options_that_exclude_each_other_are_refused(void **state) {
        (void)state;
        assert_refused("-a -b", "--boot: cannot be combined with --as-pid2");
        assert_refused("-b -a", "--as-pid2: cannot be combined with --boot");
        assert_refused("--private-network --network-host",
                        "--network-host: cannot be combined with --private-network");
}

static void id_ranges_have_base_and_count(void **state) {
        CLEANUP_PARSED Parsed base = parse("--private-users=131072");
        CLEANUP_PARSED Parsed both = parse("--private-users=1000:3");
        CLEANUP_PARSED Parsed zero = parse("--private-users=0:65536");

        (void)state;
        assert_int_equal(base.config.private_users.mode, USERS_FIXED);
        assert_int_equal(base.config.private_users.ranges[0].outside, 131072);
        assert_int_equal(base.config.private_users.ranges[0].count, 65536);
        assert_int_equal(both.config.private_users.ranges[0].outside, 1000);
        assert_int_equal(both.config.private_users.ranges[0].count, 3);
        assert_int_equal(both.config.private_users.n_ranges, 1);
        assert_int_equal(zero.config.private_users.mode, USERS_FIXED);
        assert_int_equal(zero.config.private_users.ranges[0].outside, 0);
}

static void id_ranges_can_be_several(void **state) {
        CLEANUP_PARSED Parsed parsed =
                        parse("--private-users=0:600000:1000,1000:1000:1,1001:601001:9");
        const PrivateUsers *users = &parsed.config.private_users;

        (void)state;
        assert_int_equal(users->n_ranges, 3);
        assert_int_equal(users->ranges[1].inside, 1000);
        assert_int_equal(users->ranges[1].outside, 1000);
        assert_int_equal(users->ranges[2].count, 9);
        assert_refused("--private-users=1:600000:10",
                        "--private-users=1:600000:10: the first range does not begin with the "
                        "payload's id 0");
        assert_refused("--private-users=0:600000:10,9:700000:10",
                        "--private-users=0:600000:10,9:700000:10: two ranges have ids in common");
        assert_refused("--private-users=0:600000:10,10:600009:10",
                        "--private-users=0:600000:10,10:600009:10: two ranges have ids in common");
        assert_refused("--private-users=0:600000:10,1:2:4294967295",
                        "--private-users=0:600000:10,1:2:4294967295: range of ids is empty or goes "
                        "beyond 4294967294");
}

static void actions_stop_the_parsing_and_have_text(void **state) {
        static const struct {
                const char *line;
                OptionAction action;
                const char *start; /* of the text */
        } cases[] = {
                { "--help --nonsense", ACTION_HELP, "boot-tree [" },
                { "-h", ACTION_HELP, "boot-tree [" },
                { "-qhz", ACTION_HELP, "boot-tree [" },
                { "--version", ACTION_VERSION, "boot-tree " },
                { "--dump-options", ACTION_DUMP_OPTIONS, "help\th\t" },
                { "--console=help", ACTION_LIST_VALUES, "interactive\nread-only\n" },
                { "--private-users-ownership help", ACTION_LIST_VALUES, "off\nchown\n" },
                { "--private-users=help", ACTION_LIST_VALUES, "no\nyes\npick\nidentity\n" },
                { "--kill-signal=help", ACTION_LIST_VALUES, "HUP\nINT\n" },
                { "--register=help -z", ACTION_LIST_VALUES, "auto\n" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CLEANUP_PARSED Parsed parsed = parse(cases[i].line);

                assert_int_equal(parsed.r, 0);
                assert_int_equal(parsed.result.action, cases[i].action);
                assert_non_null(text_after(parsed.result.text, cases[i].start));
        }
}

static void help_is_a_value_where_any_text_is(void **state) {
        CLEANUP_PARSED Parsed parsed = parse("--machine=help -D help");

        (void)state;
        assert_int_equal(parsed.result.action, ACTION_RUN);
        assert_string_equal(parsed.config.machine, "help");
        assert_string_equal(parsed.config.directory, "help");
}

static void program_name_decides_the_ways(void **state) {
        (void)state;
        assert_true(command_line_is_nspawn("systemd-nspawn"));
        assert_true(command_line_is_nspawn("/usr/bin/systemd-nspawn"));
        assert_false(command_line_is_nspawn("boot-tree"));
        assert_false(command_line_is_nspawn("/systemd-nspawn/boot-tree"));
        assert_false(command_line_is_nspawn("systemd-nspawn-x"));
        assert_false(command_line_is_nspawn(""));
        assert_false(command_line_is_nspawn(NULL));
}

static void no_arguments_at_all_are_no_crash(void **state) {
        char *argv[] = { NULL };
        CLEANUP_PARSED Parsed parsed = { 0 };

        (void)state;
        config_init(&parsed.config, /* as_nspawn= */ false);
        assert_int_equal(command_line_parse(0, argv, /* environment= */ NULL, &parsed.config,
                                         &parsed.result, &parsed.notes),
                        0);
        assert_int_equal(parsed.result.action, ACTION_RUN);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_argument_forms_mean_the_same),
        cmocka_unit_test(options_end_at_the_first_word),
        cmocka_unit_test(two_dashes_end_the_options_once),
        cmocka_unit_test(one_dash_is_a_word),
        cmocka_unit_test(required_argument_may_look_like_an_option),
        cmocka_unit_test(optional_argument_must_be_attached),
        cmocka_unit_test(empty_and_missing_arguments_are_different),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(ambiguous_prefixes_name_their_candidates),
        cmocka_unit_test(whole_name_is_not_a_prefix_of_longer_ones),
        cmocka_unit_test(bad_values_have_place_and_reason),
        cmocka_unit_test(messages_carry_no_terminal_controls_and_no_screenfuls),
        cmocka_unit_test(secrets_are_not_in_messages),
        cmocka_unit_test(bare_variable_copies_the_callers_value),
        cmocka_unit_test(variable_that_the_caller_has_not_is_left_out_with_a_warning),
        cmocka_unit_test(old_forms_work_with_a_warning),
        cmocka_unit_test(letters_replace_what_was_said_before),
        cmocka_unit_test(last_value_wins_and_lists_add_up),
        cmocka_unit_test(options_that_exclude_each_other_are_refused),
        cmocka_unit_test(id_ranges_have_base_and_count),
        cmocka_unit_test(id_ranges_can_be_several),
        cmocka_unit_test(actions_stop_the_parsing_and_have_text),
        cmocka_unit_test(help_is_a_value_where_any_text_is),
        cmocka_unit_test(program_name_decides_the_ways),
        cmocka_unit_test(no_arguments_at_all_are_no_crash),
};

UNIT_TEST_MAIN(tests)
