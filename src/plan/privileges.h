/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the payload may do and use; a part of the plan.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/architecture.h"
#include "base/call-filter.h"
#include "base/cpu-set.h"
#include "base/limit.h"

typedef struct {
        Limit limit;
        bool is_asked; /* by the user: not to get it deserves a warning */
} LimitPlan;

typedef struct {
        uint64_t capabilities; /* bounding set, one bit per capability */
        uint64_t ambient_capabilities;
        bool no_new_privileges;
        bool forbids_typing;          /* into the terminal of ours that it is given */
        Architecture personality;     /* the secondary one, or UNKNOWN: nothing is changed */
        const char *selinux_context;  /* from the exec on, or NULL */
        const char *apparmor_profile; /* the same */
        CallFilter call_filter;
        CallFilter stub_filter;      /* of the stub init: the same, but it can always do its work */
        LimitPlan limits[LIMIT_MAX]; /* by RLIMIT_… */
        bool has_oom_score;
        int oom_score;
        CpuSet cpus; /* empty: as this process has them */
} PrivilegePlan;
