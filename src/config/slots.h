/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How much the origin of a setting counts, and which settings replace each other; see config.h.
 */

#include "base/limit.h"

typedef enum {
        RANK_DEFAULT,
        RANK_UNTRUSTED_FILE, /* a settings file that came with the tree: below what root wrote */
        RANK_SETTINGS_FILE,
        RANK_COMMAND_LINE,
        RANK_UNTRUSTED_OVERRIDE, /* the two kinds of files under --settings=override */
        RANK_OVERRIDE,
} ConfigRank;

/* Settings that replace each other as a unit. */
typedef enum {
        SLOT_SETTINGS,
        SLOT_DIRECTORY,
        SLOT_MACHINE,
        SLOT_TEMPLATE,
        SLOT_MSTACK,
        SLOT_READ_ONLY,
        SLOT_EPHEMERAL,
        SLOT_VOLATILE,
        SLOT_LAYERS,
        SLOT_UPPER,
        SLOT_PIVOT_ROOT,
        SLOT_START, /* mode and words */
        SLOT_CHDIR,
        SLOT_ENVIRONMENT,
        SLOT_USER,
        SLOT_KILL_SIGNAL,
        SLOT_NOTIFY_READY,
        SLOT_SUPPRESS_SYNC,
        SLOT_HOSTNAME,
        SLOT_UUID,
        SLOT_SLICE,
        SLOT_PROPERTY,
        SLOT_REGISTER,
        SLOT_KEEP_UNIT,
        SLOT_PRIVATE_USERS, /* mode, ownership, delegation */
        SLOT_NETWORK,
        SLOT_MOUNTS, /* binds, overlays, tmpfs, what is hidden */
        SLOT_DEVICES,
        SLOT_TIME, /* namespace and offsets */
        SLOT_RESOLV_CONF,
        SLOT_TIMEZONE,
        SLOT_CAPABILITIES,
        SLOT_NO_NEW_PRIVILEGES,
        SLOT_CALLS,
        SLOT_FAMILIES,
        SLOT_NAMESPACES,
        SLOT_NESTING,
        SLOT_PERSONALITY,
        SLOT_SELINUX_CONTEXT,
        SLOT_SELINUX_APIFS_CONTEXT,
        SLOT_APPARMOR_PROFILE,
        SLOT_LIMITS, /* one for each */
        SLOT_LIMITS_LAST = SLOT_LIMITS + LIMIT_MAX - 1,
        SLOT_OOM_SCORE,
        SLOT_CPUS,
        SLOT_LINK_JOURNAL,
        SLOT_FORWARD_JOURNAL, /* with its limits */
        SLOT_BIND_USER,
        SLOT_BIND_USER_SHELL,
        SLOT_BIND_USER_GROUP,
        SLOT_CREDENTIALS,
        SLOT_CONSOLE,
        SLOT_BACKGROUND,
        SLOT_QUIET,
        SLOT_ASK_PASSWORD,
        SLOT_DRY_RUN,
        SLOT_CLEAN_UP,
        SLOT_PAGER,
        SLOT_MAX,
} ConfigSlot;
