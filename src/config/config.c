/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"
#include "config/value.h"

void config_init(Config *config, bool as_nspawn) {
        *config = (Config){ .as_nspawn = as_nspawn };
}

void config_done(Config *config) {
        arena_done(&config->arena);
}

/* Words for init of the form KEY=VALUE become environment of PID 1, as the kernel does with its
 * own command line: dashes are underscores, and a dot in KEY makes it a word like any other. So
 * does a leading dash: "--unit=rescue.target" is an option of init's. */
static void move_assignments(Config *config) {
        Arena *arena = &config->arena;
        StringList rest = { 0 };

        for (size_t i = 0; i < config->words.n_items; i++) {
                char *word = arena_copy(arena, config->words.items[i]), *equals = strchr(word, '=');

                for (char *p = word; equals && p < equals; p++)
                        if (*p == '-' && p > word)
                                *p = '_';
                if (equals && variable_name_is_valid(word, (size_t)(equals - word)))
                        string_list_set_variable(arena, &config->environment, word);
                else
                        string_list_add(arena, &rest, config->words.items[i]);
        }

        config->words = rest;
}

static void settle_start(Config *config) {
        /* A user is a reason to want a command: no init runs as one. */
        if (config->start_mode == START_DEFAULT)
                config->start_mode = config->as_nspawn || config->user || config->words.n_items > 0
                                                     ? START_COMMAND
                                                     : START_BOOT;
        if (config->start_mode == START_BOOT)
                move_assignments(config);
}

static int check_ownership(Config *config, Notes *notes) {
        Arena *arena = &config->arena;

        if (!config_has_users(config)) {
                if (config->users_delegate > 0)
                        return notes_fail(notes, arena, -EINVAL,
                                        "--private-users-delegate= needs a user namespace");
                if (config->ownership != OWNERSHIP_DEFAULT && config->ownership != OWNERSHIP_OFF)
                        notes_add(notes, arena, LOG_WARNING,
                                        "--private-users-ownership=%s has no effect without a user "
                                        "namespace, ignoring",
                                        ownership_names[config->ownership]);
                return 0;
        }
        if (config->ownership == OWNERSHIP_CHOWN && config->read_only)
                return notes_fail(notes, arena, -EINVAL,
                                "--read-only cannot be combined with "
                                "--private-users-ownership=chown");

        return 0;
}

/* What the options that decide where changes go have to say to each other. */
static int check_image(Config *config, Notes *notes) {
        static const char chown[] = "--private-users-ownership=chown";
        bool is_ephemeral = config->ephemeral != EPHEMERAL_NO;
        bool is_volatile = config->volatile_mode != VOLATILE_NO;
        LinkJournal journal = config->integration.link_journal;
        const struct {
                bool is_wrong;
                const char *a, *b;
        } rules[] = {
                { is_ephemeral && config->template, "--ephemeral", "--template=" },
                { is_ephemeral && config->upper, "--ephemeral", "--upper=" },
                /* The trying forms leave it out: a copy's journal goes with the copy. */
                { is_ephemeral && journal == LINK_JOURNAL_HOST, "--ephemeral",
                                "--link-journal=host" },
                { is_ephemeral && journal == LINK_JOURNAL_GUEST, "--ephemeral",
                                "--link-journal=guest" },
                { is_volatile && config->upper, "--volatile", "--upper=" },
                { config->ownership == OWNERSHIP_CHOWN && is_ephemeral, "--ephemeral", chown },
                { config->ownership == OWNERSHIP_CHOWN && is_volatile, "--volatile", chown },
                { config->ownership == OWNERSHIP_CHOWN && config->upper, "--upper=", chown },
                { config->ownership == OWNERSHIP_CHOWN && config->layers.n_items > 0,
                                "--layer=", chown },
        };

        for (size_t i = 0; i < ELEMENTSOF(rules); i++)
                if (rules[i].is_wrong)
                        return notes_fail(notes, &config->arena, -EINVAL,
                                        "%s cannot be combined with %s", rules[i].a, rules[i].b);

        return 0;
}

static int check_time(Config *config, Notes *notes) {
        if (config->time_namespace != TRISTATE_NO)
                return 0;

        if (config->boottime_is_set == TRISTATE_YES || config->monotonic_is_set == TRISTATE_YES)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "--boottime-offset= and --monotonic-offset= cannot be combined "
                                "with --time-namespace=no");

        return 0;
}

static int check_privileges(Config *config, Notes *notes) {
        if (config->privileges.capabilities_ambient != 0 && config->start_mode == START_BOOT)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "--ambient-capability= is for commands: an init has all that it "
                                "may have");

        return 0;
}

static int check_forward_journal(Config *config, Notes *notes) {
        const ForwardJournal *forward = &config->integration.forward_journal;

        if (!forward->path && (forward->max_use || forward->keep_free || forward->max_file_size ||
                                              forward->max_files))
                return notes_fail(notes, &config->arena, -EINVAL,
                                "--forward-journal-max-use=, -keep-free=, -max-file-size= and "
                                "-max-files= need --forward-journal=");

        return 0;
}

int config_check_clean_up(Config *config, Notes *notes) {
        if (!config->directory && !config->machine)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "--cleanup needs --machine= or --directory=");
        if (config->dry_run != DRY_RUN_NO)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "--cleanup cannot be combined with --dry-run");
        if (config->ephemeral != EPHEMERAL_NO)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "--cleanup cannot be combined with --ephemeral");

        return 0;
}

int config_check_tree(Config *config, Notes *notes) {
        /* A copy that is thrown away: which of the two names its source makes no difference. */
        if (config->template && config->ephemeral != EPHEMERAL_NO && !config->directory) {
                config->directory = config->template;
                config->template = NULL;
        }
        if (config->directory || config->machine || config->mstack)
                return 0;
        if (config->template)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "--template= needs --directory= or --machine=, which says where "
                                "the tree shall be");

        if (!config->as_nspawn)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "No tree given (use --directory=PATH or --machine=NAME)");

        config->directory = ".";
        return 0;
}

bool config_has_users(const Config *config) {
        UsersMode mode = config->private_users.mode;

        return mode != USERS_NO && (mode != USERS_DEFAULT || !config->as_nspawn);
}

bool config_has_private_network(const Config *config) {
        return config->network_mode == NETWORK_PRIVATE ||
               (config->network_mode == NETWORK_DEFAULT && !config->as_nspawn);
}

int config_check(Config *config, Notes *notes) {
        static int (*const checks[])(Config *, Notes *) = {
                config_check_tree,
                check_ownership,
                check_image,
                check_time,
                check_privileges,
                check_forward_journal,
        };
        int r;

        settle_start(config);
        for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
                r = checks[i](config, notes);
                if (r < 0)
                        return r;
        }

        return 0;
}

const char *config_machine_name(const Config *config, Arena *arena, const char *tree_name) {
        return config->machine ?: hostname_clean(arena, tree_name);
}
