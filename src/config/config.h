/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the user asked for: one record, filled from the option table by the command line and the
 * settings files, unchanged after config_load().
 *
 * Each setting belongs to a slot, and each slot remembers the rank of its origin. A value of lower
 * rank is ignored, a value of higher rank replaces what the slot holds, equal ranks add up where
 * the setting is a list. That one comparison is all of precedence.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/notes.h"
#include "config/integration.h"
#include "config/types.h"

typedef enum {
        RANK_DEFAULT,
        RANK_SETTINGS_FILE,
        RANK_COMMAND_LINE,
        RANK_OVERRIDE, /* a settings file under --settings=override */
} ConfigRank;

/* Settings that replace each other as a unit. */
typedef enum {
        SLOT_DIRECTORY,
        SLOT_MACHINE,
        SLOT_READ_ONLY,
        SLOT_START, /* mode and words */
        SLOT_CHDIR,
        SLOT_ENVIRONMENT,
        SLOT_USER,
        SLOT_KILL_SIGNAL,
        SLOT_NOTIFY_READY,
        SLOT_HOSTNAME,
        SLOT_UUID,
        SLOT_SLICE,
        SLOT_PROPERTY,
        SLOT_REGISTER,
        SLOT_KEEP_UNIT,
        SLOT_PRIVATE_USERS, /* mode, ownership, delegation */
        SLOT_NETWORK,
        SLOT_TIME, /* namespace and offsets */
        SLOT_CREDENTIALS,
        SLOT_CONSOLE,
        SLOT_QUIET,
        SLOT_DRY_RUN,
        SLOT_PAGER,
        SLOT_MAX,
} ConfigSlot;

typedef struct {
        Arena arena; /* owns every string below */
        ConfigRank ranks[SLOT_MAX];
        bool as_nspawn; /* called as systemd-nspawn: its defaults */

        /* Image */
        const char *directory; /* as written, or NULL */
        const char *machine;   /* valid machine name, or NULL */
        bool read_only;

        /* Execution */
        StartMode start_mode;
        StringList words; /* the command, or arguments for init */
        const char *chdir;
        StringList environment; /* NAME=VALUE, last one of a name wins */
        const char *user;       /* name or number, in the payload's own database */
        int kill_signal;        /* 0: by the kind of init */
        bool notify_ready;

        /* Identity */
        const char *hostname;
        Uuid uuid;

        /* Unit and registration */
        const char *slice;
        StringList properties; /* NAME=VALUE */
        RegisterMode register_mode;
        bool keep_unit;

        /* Namespaces */
        PrivateUsers private_users;
        Ownership ownership;
        unsigned users_delegate; /* ranges for containers in the container */
        NetworkMode network_mode;
        Tristate time_namespace; /* unset: when booting */
        int64_t boottime_offset_us;
        int64_t monotonic_offset_us;
        Tristate boottime_is_set; /* an offset given by the user, else uptime from zero */
        Tristate monotonic_is_set;

        IntegrationConfig integration;

        /* Input and output */
        ConsoleMode console_mode;
        bool quiet;
        bool no_pager;
        DryRun dry_run;
} Config;

/* Empties CONFIG; every field at zero is its default. as_nspawn: take systemd-nspawn's. */
void config_init(Config *config, bool as_nspawn);

/* Frees all strings. */
void config_done(Config *config);

/* Checks what single options cannot see: settings that exclude or need each other. Decides
 * start_mode, which needs no facts, and moves the assignments among init's words to the
 * environment; the other defaults are plan/'s to decide.
 *
 * Returns 0, or -EINVAL with an error note that names the options. */
int config_check(Config *config, Notes *notes);
