/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings-test.h"

#include <linux/capability.h>
#include <stdio.h>
#include <sys/socket.h>

#include "config/settings-unknown.h"

/* TEXT leaves exactly the note MESSAGE; with an error of boot-tree, whose other name only warns. */
static void assert_wrong(const char *text, const char *message) {
        CLEANUP_PARSED Parsed ours = read_file(normal, text);
        CLEANUP_PARSED Parsed theirs = read_file((How){ .program = "systemd-nspawn" }, text);
        char ignoring[1024];

        assert_int_equal(ours.r, -EINVAL);
        assert_string_equal(last_note(&ours.notes), message);
        assert_int_equal(ours.notes.items[0].level, LOG_ERROR);

        (void)snprintf(ignoring, sizeof ignoring, "%s, ignoring", message);
        assert_int_equal(theirs.r, 0);
        assert_string_equal(last_note(&theirs.notes), ignoring);
        assert_int_equal(theirs.notes.items[0].level, LOG_WARNING);
}

/* TEXT leaves exactly the warning MESSAGE. */
static void assert_warned(How how, const char *text, const char *message) {
        CLEANUP_PARSED Parsed parsed = read_file(how, text);

        assert_int_equal(parsed.r, 0);
        assert_string_equal(last_note(&parsed.notes), message);
        assert_int_equal(parsed.notes.n_items, 1);
        assert_int_equal(parsed.notes.items[0].level, LOG_WARNING);
}

static void a_file_fills_the_config(void **state) {
        CLEANUP_PARSED Parsed parsed = read_file(normal, "# comment\n"
                                                         "; another\n"
                                                         "\n"
                                                         "[Exec]\n"
                                                         "ProcessTwo = yes\n"
                                                         "  WorkingDirectory=/srv  \r\n"
                                                         "\tHostname=web\n"
                                                         "[Files]\n"
                                                         "ReadOnly=true");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.notes.n_items, 0);
        assert_int_equal(parsed.config.start_mode, START_AS_PID2);
        assert_string_equal(parsed.config.chdir, "/srv");
        assert_string_equal(parsed.config.hostname, "web");
        assert_true(parsed.config.read_only);
        assert_int_equal(parsed.config.ranks[SLOT_CHDIR], RANK_SETTINGS_FILE);
        assert_int_equal(parsed.config.files.n_items, 1);
}

static void lists_are_words_with_quotes(void **state) {
        CLEANUP_PARSED Parsed parsed =
                        read_file(normal, "[Exec]\n"
                                          "Parameters=ls 'two words' \"it's\" a\\ b x\"y z\"'' ''\n"
                                          "Environment=A=1 \"B=2 3\" 'C='\n"
                                          "Environment=A=4\n");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.config.words.n_items, 7);
        assert_string_equal(parsed.config.words.items[1], "two words");
        assert_string_equal(parsed.config.words.items[2], "it's");
        assert_string_equal(parsed.config.words.items[3], "a\\");
        assert_string_equal(parsed.config.words.items[5], "xy z");
        assert_string_equal(parsed.config.words.items[6], "");
        assert_int_equal(parsed.config.environment.n_items, 3);
        assert_string_equal(parsed.config.environment.items[0], "A=4");
        assert_string_equal(parsed.config.environment.items[1], "B=2 3");
        assert_string_equal(parsed.config.environment.items[2], "C=");
}

static void lines_go_on_behind_a_backslash(void **state) {
        CLEANUP_PARSED Parsed parsed = read_file(normal, "[Exec]\n"
                                                         "Parameters=a \\\n"
                                                         "# a comment in between\n"
                                                         "  b\\\r\n"
                                                         "c\n"
                                                         "Hostname=\\\n"
                                                         "web\n"
                                                         "WorkingDirectory=/x\\\\\n"
                                                         "Slice=a\\");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.config.words.n_items, 3);
        assert_string_equal(parsed.config.words.items[2], "c");
        assert_string_equal(parsed.config.hostname, "web");
        assert_string_equal(parsed.config.chdir, "/x\\\\");
        assert_string_equal(parsed.config.slice, "a.slice");
        assert_string_equal(parsed.config.settings[0].source, "f.nspawn:2");
        assert_string_equal(parsed.config.settings[3].source, "f.nspawn:6");
}

static void odd_files_are_read(void **state) {
        static const char *const texts[] = { "", "\n", "\\", "\\\n\\\n", "#", "# only\\\n",
                "[Exec]", "\xef\xbb\xbf[Exec]\nBoot=yes\n", "[X-Foo]\nnonsense\n", "\r\n", " \t" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                CLEANUP_PARSED Parsed parsed = read_file(normal, texts[i]);

                assert_int_equal(parsed.r, 0);
                assert_int_equal(parsed.notes.n_items, 0);
        }
}

static void mistakes_are_told_with_their_line(void **state) {
        (void)state;
        assert_wrong("Boot=yes\n", "f.nspawn:1: Not in a section like [Exec]");
        assert_wrong("\n[Exec]\nBoot\n", "f.nspawn:3: Neither a section nor of the form KEY=VALUE");
        assert_wrong("[Exec\nBoot=yes\n", "f.nspawn:1: Section without a ']' at its end");
        assert_wrong("[Exec]\nBoot=maybe\n", "f.nspawn:2: Boot=: neither yes nor no");
        assert_wrong("[Exec]\nKillSignal=FOO\n",
                        "f.nspawn:2: KillSignal=: not a signal like TERM, SIGTERM, 15 or RTMIN+3");
        assert_wrong("[Exec]\n\nParameters='a\n", "f.nspawn:3: Parameters=: a quote does not end");
        assert_wrong("[Exec]\nEnvironment=A=1 B\n",
                        "f.nspawn:2: Environment=: not of the form NAME=VALUE");
        assert_wrong("[Exec]\nBoot=yes\nProcessTwo=yes\n",
                        "f.nspawn:3: ProcessTwo=: cannot be combined with --boot");
}

static void unknown_names_are_skipped_with_a_suggestion(void **state) {
        (void)state;
        assert_warned(normal, "[Exec]\nHostnam=x\n",
                        "f.nspawn:2: Unknown key Hostnam= in section [Exec] (did you mean "
                        "Hostname=?), ignoring");
        assert_warned(normal, "[Exec]\nboot=x\n",
                        "f.nspawn:2: Unknown key boot= in section [Exec] (did you mean Boot=?), "
                        "ignoring");
        assert_warned(normal, "[Exec]\nNothingLikeIt=x\n",
                        "f.nspawn:2: Unknown key NothingLikeIt= in section [Exec], ignoring");
        assert_warned(normal, "[Files]\nBoot=x\n",
                        "f.nspawn:2: Boot= belongs to section [Exec], ignoring");
        assert_warned(normal, "[Fils]\nReadOnly=x\n[X-Ours]\na\n",
                        "f.nspawn:1: Unknown section [Fils] (did you mean [Files]?), ignoring");
        assert_warned(normal, "[]\n", "f.nspawn:1: Unknown section [], ignoring");
        assert_warned(normal, "[Exec]\n\x1b[31m=x\n",
                        "f.nspawn:2: Unknown key \\x1b[31m= in section [Exec], ignoring");
}

static void keys_that_are_to_come_are_told_so(void **state) {
        const char *const *missing = settings_missing_keys();

        (void)state;
        for (size_t i = 0; missing[i]; i++) {
                const char *dot = strchr(missing[i], '.');
                char text[256], wanted[256];

                (void)snprintf(text, sizeof text, "[%.*s]\n%s=\n", (int)(dot - missing[i]),
                                missing[i], dot + 1);
                (void)snprintf(wanted, sizeof wanted,
                                "f.nspawn:2: %s= is not implemented yet, ignoring", dot + 1);
                if (option_find_key(missing[i]))
                        fail_msg("%s is implemented: remove it from the list", missing[i]);
                assert_warned(normal, text, wanted);
        }
}

static void the_command_line_wins_unless_overridden(void **state) {
        static const char text[] = "[Exec]\nHostname=file\nEnvironment=B=2\nBoot=yes\n";
        static const char line[] = "--hostname=line --setenv=A=1 --as-pid2";
        CLEANUP_PARSED Parsed normally = read_file((How){ .line = line }, text);
        CLEANUP_PARSED Parsed trusted =
                        read_file((How){ .line = "--settings=trusted --hostname=line" }, text);
        CLEANUP_PARSED Parsed override = read_file(
                        (How){ .line = "--settings=override --hostname=line -EA=1 -a x" }, text);

        (void)state;
        assert_string_equal(normally.config.hostname, "line");
        assert_int_equal(normally.config.start_mode, START_AS_PID2);
        assert_int_equal(normally.config.environment.n_items, 1);
        assert_string_equal(normally.config.environment.items[0], "A=1");
        assert_string_equal(trusted.config.hostname, "line");
        assert_string_equal(override.config.hostname, "file");
        assert_int_equal(override.config.start_mode, START_BOOT);
        assert_int_equal(override.config.words.n_items, 0);
        assert_int_equal(override.config.environment.n_items, 1);
        assert_string_equal(override.config.environment.items[0], "B=2");
}

/* Once the command line touched a group, the file's part of it is out, and the other way round. */
static void groups_are_taken_from_one_source(void **state) {
        static const char text[] =
                        "[Exec]\nPrivateUsers=65536\n[Files]\nPrivateUsersOwnership=map\n";
        CLEANUP_PARSED Parsed line = read_file((How){ .line = "--private-users=pick" }, text);
        CLEANUP_PARSED Parsed file =
                        read_file((How){ .line = "--settings=override --private-users=pick" },
                                        "[Files]\nPrivateUsersOwnership=map\n");
        CLEANUP_PARSED Parsed words = read_file((How){ .line = "ls" }, "[Exec]\nProcessTwo=yes\n");

        (void)state;
        assert_int_equal(line.config.private_users.mode, USERS_PICK);
        assert_int_equal(line.config.ownership, OWNERSHIP_DEFAULT);
        assert_int_equal(file.config.private_users.mode, USERS_DEFAULT);
        assert_int_equal(file.config.ownership, OWNERSHIP_MAP);
        assert_int_equal(words.config.start_mode, START_DEFAULT);
}

static void untrusted_files_set_only_harmless_keys(void **state) {
        CLEANUP_PARSED Parsed harmless = read_file((How){ .is_beside = true },
                        "[Exec]\nBoot=no\nHostname=x\nEnvironment=A=1\n");
        CLEANUP_PARSED Parsed trusted =
                        read_file((How){ .line = "--settings=trusted", .is_beside = true },
                                        "[Exec]\nPrivateUsers=no\n");

        (void)state;
        assert_int_equal(harmless.r, 0);
        assert_int_equal(harmless.notes.n_items, 0);
        assert_string_equal(harmless.config.hostname, "x");
        assert_int_equal(trusted.config.private_users.mode, USERS_NO);
        assert_warned((How){ .is_beside = true }, "[Exec]\nPrivateUsers=no\n",
                        "f.nspawn:2: PrivateUsers=: Only a trusted settings file may set this, "
                        "ignoring");
        assert_warned((How){ .is_beside = true, .line = "--settings=override" },
                        "[Exec]\nPrivateUsers=\n",
                        "f.nspawn:2: PrivateUsers=: Only a trusted settings file may set this, "
                        "ignoring");
        assert_warned((How){ .is_beside = true }, "[Network]\nPrivate=no\n",
                        "f.nspawn:2: Private=: Only a trusted settings file may set this, "
                        "ignoring");
}

/* A drop-in beside the tree comes later by its name, but must not undo what root wrote. */
static void untrusted_files_never_replace_what_a_trusted_one_says(void **state) {
        static const char *const lines[] = { "", "--settings=override" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                CLEANUP_PARSED Parsed parsed = read_file((How){ .line = lines[i] },
                                "[Exec]\nUser=daemon\nEnvironment=A=1\n");

                read_more(&parsed, "[Exec]\nUser=root\nEnvironment=\nUser=\nHostname=x\n", false);
                assert_string_equal(parsed.config.user, "daemon");
                assert_int_equal(parsed.config.environment.n_items, 1);
                assert_string_equal(parsed.config.hostname, "x");
                read_more(&parsed, "[Exec]\nHostname=y\n", true);
                assert_string_equal(parsed.config.hostname, "y");
        }
}

static void untrusted_files_never_lift_a_limit_of_the_command_line(void **state) {
        static const char line[] = "--settings=override --uid=daemon --drop-capability=CAP_CHOWN "
                                   "--no-new-privileges=yes --read-only --hostname=line";
        static const char text[] = "[Exec]\nUser=root\nDropCapability=\nNoNewPrivileges=no\n"
                                   "DropCapability=CAP_KILL\nHostname=file\n"
                                   "[Files]\nReadOnly=no\n";
        CLEANUP_PARSED Parsed beside = read_file((How){ .line = line, .is_beside = true }, text);
        CLEANUP_PARSED Parsed trusted = read_file((How){ .line = line }, text);

        (void)state;
        assert_int_equal(beside.r, 0);
        assert_string_equal(beside.config.user, "daemon");
        assert_int_equal(beside.config.privileges.capabilities_dropped, 1 << CAP_CHOWN);
        assert_true(beside.config.privileges.no_new_privileges);
        assert_true(beside.config.read_only);
        assert_string_equal(beside.config.hostname, "file");
        assert_string_equal(trusted.config.user, "root");
        assert_int_equal(trusted.config.privileges.capabilities_dropped, 1 << CAP_KILL);
        assert_false(trusted.config.read_only);
}

static void untrusted_files_may_take_calls_away_but_not_add_any(void **state) {
        CLEANUP_PARSED Parsed parsed = read_file((How){ .is_beside = true },
                        "[Exec]\nSystemCallFilter=~@mount\nRestrictAddressFamilies=~AF_INET6\n");
        CLEANUP_PARSED Parsed overriding =
                        read_file((How){ .line = "--settings=override --system-call-filter=~bpf",
                                                  .is_beside = true },
                                        "[Exec]\nSystemCallFilter=~@mount\n");

        (void)state;
        assert_int_equal(parsed.notes.n_items, 0);
        assert_int_equal(parsed.config.privileges.calls.removed.n_items, 1);
        assert_int_equal(parsed.config.privileges.families.removed, 1 << AF_INET6);
        assert_string_equal(overriding.config.privileges.calls.removed.items[0], "bpf");
        assert_int_equal(overriding.config.privileges.calls.removed.n_items, 1);
        for (size_t i = 0; i < 3; i++)
                assert_warned((How){ .is_beside = true },
                                (const char *[]){ "[Exec]\nSystemCallFilter=bpf ~@mount\n",
                                                "[Exec]\nSystemCallFilter= bpf\n",
                                                "[Exec]\nSystemCallFilter=\n" }[i],
                                "f.nspawn:2: SystemCallFilter=: Only a trusted settings file may "
                                "set this, ignoring");
}

static void drop_ins_win_by_key_and_lists_add_up(void **state) {
        CLEANUP_PARSED Parsed parsed = read_file(normal,
                        "[Exec]\nBoot=yes\nHostname=a\nUser=root\nEnvironment=A=1\n"
                        "[Network]\nPrivate=yes\n");

        (void)state;
        read_more(&parsed,
                        "[Exec]\nBoot=no\nProcessTwo=yes\nHostname=b\nUser=\nEnvironment=B=2\n"
                        "[Network]\nPrivate=no\n",
                        true);
        assert_int_equal(parsed.config.start_mode, START_AS_PID2);
        assert_string_equal(parsed.config.hostname, "b");
        assert_null(parsed.config.user);
        assert_int_equal(parsed.config.environment.n_items, 2);
        assert_int_equal(parsed.config.network_mode, NETWORK_HOST);
}

static void an_empty_assignment_resets(void **state) {
        CLEANUP_PARSED Parsed lists = read_file(normal,
                        "[Exec]\nParameters=a b\nEnvironment=A=1\nParameters=\nEnvironment=\n"
                        "Parameters=c\nBoottimeOffset=1h\nBoottimeOffset=\nBoot=yes\nBoot=\n"
                        "[Files]\nPrivateUsersOwnership=map\nPrivateUsersChown=\n");
        CLEANUP_PARSED Parsed override = read_file(
                        (How){ .line = "--settings=override --hostname=x" }, "[Exec]\nHostname=\n");
        CLEANUP_PARSED Parsed normally =
                        read_file((How){ .line = "--hostname=x" }, "[Exec]\nHostname=\n");

        (void)state;
        assert_int_equal(lists.config.words.n_items, 1);
        assert_int_equal(lists.config.environment.n_items, 0);
        assert_int_equal(lists.config.boottime_is_set, TRISTATE_UNSET);
        assert_int_equal(lists.config.start_mode, START_DEFAULT);
        assert_int_equal(lists.config.ownership, OWNERSHIP_DEFAULT);
        assert_int_equal(lists.config.n_settings, 1);
        assert_null(override.config.hostname);
        assert_int_equal(override.config.n_settings, 1);
        assert_string_equal(normally.config.hostname, "x");
}

/* Both keys fill one list. */
static void an_empty_assignment_leaves_what_other_keys_said(void **state) {
        CLEANUP_PARSED Parsed parsed = read_file(
                        normal, "[Exec]\nSetCredential=a:1\nLoadCredential=b:/b\nSetCredential=\n");

        (void)state;
        assert_int_equal(parsed.r, 0);
        assert_int_equal(parsed.config.n_settings, 1);
        assert_string_equal(parsed.config.settings[0].text, "b:/b");
        assert_int_equal(parsed.config.integration.credentials.n_items, 1);
}

static void obsolete_keys_work_with_a_warning(void **state) {
        CLEANUP_PARSED Parsed parsed = read_file(normal, "[Files]\nPrivateUsersChown=yes\n");

        (void)state;
        assert_int_equal(parsed.config.ownership, OWNERSHIP_CHOWN);
        assert_warned(normal, "[Files]\nPrivateUsersChown=no\n",
                        "f.nspawn:2: PrivateUsersChown=: Obsolete, use "
                        "'--private-users-ownership=off'");
}

static void the_record_says_what_counts_and_from_where(void **state) {
        CLEANUP_PARSED Parsed parsed = read_file((How){ .line = "--hostname=a --hostname=b" },
                        "[Exec]\nHostname=c\nUser=root\nUser=daemon\nEnvironment=A=1 B=2\n"
                        "Environment=A=3\n");
        static const char *const wanted[][2] = {
                { "b", "command line" },
                { "daemon", "f.nspawn:4" },
                { "B=2", "f.nspawn:5" },
                { "A=3", "f.nspawn:6" },
        };

        (void)state;
        assert_int_equal(parsed.config.n_settings, ELEMENTSOF(wanted));
        for (size_t i = 0; i < ELEMENTSOF(wanted); i++) {
                assert_string_equal(parsed.config.settings[i].text, wanted[i][0]);
                assert_string_equal(parsed.config.settings[i].source, wanted[i][1]);
        }
}

static void what_is_no_settings_file_is_refused(void **state) {
        static char many[40000] = "[Exec]\n";
        CLEANUP_PARSED Parsed binary = read_bytes(normal, "[Exec]\n\0\n", 9);
        CLEANUP_PARSED Parsed noise = read_bytes(normal, many, 0);

        (void)state;
        assert_int_equal(binary.r, -EINVAL);
        assert_string_equal(last_note(&binary.notes), "f.nspawn: Not a text file");
        assert_int_equal(noise.r, 0);

        while (strlen(many) < sizeof many - 4)
                memcpy(many + strlen(many), "x=\n", 4);
        parsed_done(&noise);
        noise = read_file((How){ .program = "systemd-nspawn" }, many);
        assert_int_equal(noise.r, -EINVAL);
        assert_string_equal(
                        last_note(&noise.notes), "f.nspawn: Too many mistakes for a settings file");
        assert_true(noise.notes.n_items < 60);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_fills_the_config),
        cmocka_unit_test(lists_are_words_with_quotes),
        cmocka_unit_test(lines_go_on_behind_a_backslash),
        cmocka_unit_test(odd_files_are_read),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(unknown_names_are_skipped_with_a_suggestion),
        cmocka_unit_test(keys_that_are_to_come_are_told_so),
        cmocka_unit_test(the_command_line_wins_unless_overridden),
        cmocka_unit_test(groups_are_taken_from_one_source),
        cmocka_unit_test(untrusted_files_set_only_harmless_keys),
        cmocka_unit_test(untrusted_files_never_replace_what_a_trusted_one_says),
        cmocka_unit_test(untrusted_files_never_lift_a_limit_of_the_command_line),
        cmocka_unit_test(untrusted_files_may_take_calls_away_but_not_add_any),
        cmocka_unit_test(drop_ins_win_by_key_and_lists_add_up),
        cmocka_unit_test(an_empty_assignment_resets),
        cmocka_unit_test(an_empty_assignment_leaves_what_other_keys_said),
        cmocka_unit_test(obsolete_keys_work_with_a_warning),
        cmocka_unit_test(the_record_says_what_counts_and_from_where),
        cmocka_unit_test(what_is_no_settings_file_is_refused),
};

UNIT_TEST_MAIN(tests)
