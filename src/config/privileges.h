/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the payload may do and use.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/architecture.h"
#include "base/arena.h"
#include "base/cpu-set.h"
#include "base/limit.h"
#include "config/types.h"

typedef struct {
        bool is_set;
        Limit limit;
} LimitSetting;

/* Names of calls, and of groups with "@" in front; all are known. */
typedef struct {
        StringList added;   /* to what is allowed by default */
        StringList removed; /* whatever was added */
} CallLists;

/* Families of sockets or kinds of namespaces, as masks. */
typedef struct {
        bool has_allowed; /* else the default is allowed */
        uint64_t allowed;
        uint64_t removed; /* whatever is allowed */
} MaskLists;

typedef struct {
        uint64_t capabilities_added; /* to the default bounding set; see base/capability */
        uint64_t capabilities_dropped;
        uint64_t capabilities_ambient;
        bool no_new_privileges;
        bool nesting; /* room for containers in the container */
        CallLists calls;
        MaskLists families;                /* see base/address-family */
        MaskLists namespaces;              /* see base/namespaces; all by default */
        Architecture personality;          /* UNKNOWN: by the tree's programs */
        const char *selinux_context;       /* of the payload, or NULL */
        const char *selinux_apifs_context; /* of file systems that are made for it, or NULL */
        const char *apparmor_profile;      /* or NULL */
        LimitSetting limits[LIMIT_MAX];    /* by RLIMIT_… */
        int oom_score;
        Tristate oom_score_is_set;
        CpuSet cpus; /* empty: as we have them */
} PrivilegesConfig;
