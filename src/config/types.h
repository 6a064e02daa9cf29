/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The values that settings have. Zero is always "nobody said anything".
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/id-range.h"

typedef enum {
        SETTINGS_YES, /* files count less than the command line, and are trusted by their place */
        SETTINGS_NO,
        SETTINGS_OVERRIDE, /* files count more */
        SETTINGS_TRUSTED,  /* files may set everything, wherever they are */
        SETTINGS_MODE_MAX,
} SettingsMode;

typedef enum {
        START_DEFAULT, /* until config_check(): by the words and the program's name */
        START_COMMAND, /* words or a login shell as PID 1 */
        START_AS_PID2, /* the same under the stub init */
        START_BOOT,    /* the tree's init */
        START_MODE_MAX,
} StartMode;

typedef enum {
        USERS_DEFAULT, /* pick; as systemd-nspawn: no */
        USERS_NO,
        USERS_YES, /* base from the owner of the tree */
        USERS_PICK,
        USERS_PICK_IF_POSSIBLE, /* as systemd-nspawn: none on kernels without user namespaces */
        USERS_IDENTITY,
        USERS_FIXED,
        USERS_MODE_MAX,
} UsersMode;

typedef struct {
        UsersMode mode;
        IdRange *ranges; /* USERS_FIXED only: the first maps 0, none overlap */
        size_t n_ranges;
} PrivateUsers;

/* A folder of the tree that becomes the root; absolute paths. */
typedef struct {
        const char *to;     /* or NULL */
        const char *old_at; /* where it shows what was the root, or NULL */
} PivotRoot;

/* Ranges for containers in the container. */
enum { USERS_DELEGATE_MAX = 16 };

typedef enum {
        OWNERSHIP_DEFAULT, /* auto for pick, else off; see plan-ids */
        OWNERSHIP_OFF,
        OWNERSHIP_CHOWN,
        OWNERSHIP_MAP,
        OWNERSHIP_FOREIGN,
        OWNERSHIP_AUTO,
        OWNERSHIP_MAX,
} Ownership;

typedef enum {
        NETWORK_DEFAULT, /* private; as systemd-nspawn: host */
        NETWORK_PRIVATE, /* own network namespace with "lo" up */
        NETWORK_HOST,
        NETWORK_MODE_MAX,
} NetworkMode;

typedef enum {
        CONSOLE_DEFAULT, /* interactive on a terminal, else read-only; a command: autopipe */
        CONSOLE_INTERACTIVE,
        CONSOLE_READ_ONLY,
        CONSOLE_PASSIVE,
        CONSOLE_PIPE,
        CONSOLE_AUTOPIPE,
        CONSOLE_MODE_MAX,
} ConsoleMode;

typedef enum {
        REGISTER_AUTO,
        REGISTER_NO,
        REGISTER_YES,
        REGISTER_MODE_MAX,
} RegisterMode;

/* How much of the tree the payload sees, besides what it can change for one boot. */
typedef enum {
        VOLATILE_NO,
        VOLATILE_YES,     /* /usr, the rest is empty */
        VOLATILE_STATE,   /* all but /var, which is empty; only that can be written */
        VOLATILE_OVERLAY, /* all of it */
        VOLATILE_MAX,
} Volatile;

/* Whether the tree itself is kept as it is, and where what the payload writes goes instead. */
typedef enum {
        EPHEMERAL_NO,
        EPHEMERAL_DISK, /* beside the tree, or to memory where that cannot be */
        EPHEMERAL_MEMORY,
        EPHEMERAL_MAX,
} Ephemeral;

typedef enum {
        DRY_RUN_NO,
        DRY_RUN_TEXT,
        DRY_RUN_JSON,
        DRY_RUN_SECURITY,
        DRY_RUN_SECURITY_JSON,
        DRY_RUN_MAX,
} DryRun;

/* A yes/no that knows whether somebody said it. */
typedef enum {
        TRISTATE_UNSET,
        TRISTATE_NO,
        TRISTATE_YES,
} Tristate;

typedef struct {
        bool is_set;
        uint8_t bytes[16];
} Uuid;

/* Names of the enums' values as users write them; gaps (the defaults) are NULL. */
extern const char *const settings_mode_names[SETTINGS_MODE_MAX];
extern const char *const start_mode_names[START_MODE_MAX];
extern const char *const users_mode_names[USERS_MODE_MAX];
extern const char *const ownership_names[OWNERSHIP_MAX];
extern const char *const network_mode_names[NETWORK_MODE_MAX];
extern const char *const console_mode_names[CONSOLE_MODE_MAX];
extern const char *const register_mode_names[REGISTER_MODE_MAX];
extern const char *const volatile_names[VOLATILE_MAX];
extern const char *const ephemeral_names[EPHEMERAL_MAX];
extern const char *const dry_run_names[DRY_RUN_MAX];
