/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the user asked for: one record, filled from the option table by the command line and the
 * settings files, unchanged after config_check().
 *
 * Each setting belongs to a slot, and each slot remembers the rank of its origin. A value of lower
 * rank is ignored, a value of higher rank replaces what the slot holds, equal ranks add up where
 * the setting is a list. That one comparison is all of precedence. Each value that counts is on
 * record as it was given, with where it was.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/notes.h"
#include "config/device-spec.h"
#include "config/integration.h"
#include "config/mount-spec.h"
#include "config/privileges.h"
#include "config/slots.h"
#include "config/types.h"

typedef struct Option Option;

/* One value that is in effect, as it was given. */
typedef struct {
        const Option *option;
        const char *text;
        const char *source; /* "command line" or "FILE:LINE" */
} ConfigSetting;

typedef struct {
        Arena arena; /* owns every string below */
        ConfigRank ranks[SLOT_MAX];
        ConfigSetting *settings; /* where the fields below got their values, in order */
        size_t n_settings, n_settings_allocated;
        StringList files; /* settings files that were read */
        bool as_nspawn;   /* called as systemd-nspawn: its defaults */

        /* Settings files */
        SettingsMode settings_mode;

        /* Image */
        const char *directory; /* as written, or NULL */
        const char *machine;   /* valid machine name, or NULL */
        const char *template;  /* as written, or NULL */
        const char *mstack;    /* the same; see image/mount-stack */
        bool read_only;
        Ephemeral ephemeral;
        Volatile volatile_mode;
        StringList layers; /* paths as written; each is below those before it, and below the tree */
        const char *upper; /* as written, or NULL */
        PivotRoot pivot_root;

        /* Execution */
        StartMode start_mode;
        StringList words; /* the command, or arguments for init */
        const char *chdir;
        StringList environment; /* NAME=VALUE, last one of a name wins */
        const char *user;       /* name or number, in the payload's own database */
        int kill_signal;        /* 0: by the kind of init */
        bool notify_ready;
        Tristate suppress_sync; /* unset: as the environment says */

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

        PrivilegesConfig privileges;
        IntegrationConfig integration;

        /* Mounts */
        MountSpecList mounts;
        DeviceSpecList devices;

        /* Input and output */
        ConsoleMode console_mode;
        const char *background; /* "rrggbb", or NULL */
        bool quiet;
        bool no_pager;
        bool no_ask_password;
        DryRun dry_run;
        bool clean_up; /* what a killed run left, instead of running */
} Config;

/* Empties CONFIG; every field at zero is its default. as_nspawn: take systemd-nspawn's. */
void config_init(Config *config, bool as_nspawn);

/* Frees all strings. */
void config_done(Config *config);

/* Checks that a tree was named, or settles on the one to take: what has to be known before the
 * settings files can be looked for; or what --cleanup needs. 0, or -EINVAL with an error note. */
int config_check_tree(Config *config, Notes *notes);
int config_check_clean_up(Config *config, Notes *notes);

/* Whether the payload gets ids of its own; for -U of systemd-nspawn: where the kernel can. */
bool config_has_users(const Config *config);

/* Whether the payload gets a network of its own. */
bool config_has_private_network(const Config *config);

/* Checks what single options cannot see: settings that exclude or need each other. Decides
 * start_mode, which needs no facts, and moves the assignments among init's words to the
 * environment; the other defaults are plan/'s to decide.
 *
 * Returns 0, or -EINVAL with an error note that names the options. */
int config_check(Config *config, Notes *notes);

/* The machine's name: the one that was asked for, or made of TREE_NAME, the last component of the
 * tree's path; "" if nothing of that can be in a name. In ARENA or CONFIG. */
const char *config_machine_name(const Config *config, Arena *arena, const char *tree_name);
