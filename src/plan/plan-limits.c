/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Resource limits: what the kernel gives the first process of a machine, not what happens to be set
 * for our caller.
 */

#include "plan/build.h"

#define MEBIBYTE (1024 * 1024ULL)

/* Some programs close all descriptors that there could be. */
#define NOFILE_HARD (512 * 1024ULL)

static const Limit defaults[LIMIT_MAX] = {
        [RLIMIT_AS] = { LIMIT_INFINITY, LIMIT_INFINITY },
        [RLIMIT_CORE] = { 0, LIMIT_INFINITY },
        [RLIMIT_CPU] = { LIMIT_INFINITY, LIMIT_INFINITY },
        [RLIMIT_DATA] = { LIMIT_INFINITY, LIMIT_INFINITY },
        [RLIMIT_FSIZE] = { LIMIT_INFINITY, LIMIT_INFINITY },
        [RLIMIT_LOCKS] = { LIMIT_INFINITY, LIMIT_INFINITY },
        [RLIMIT_MEMLOCK] = { 8 * MEBIBYTE, 8 * MEBIBYTE },
        [RLIMIT_MSGQUEUE] = { 819200, 819200 },
        [RLIMIT_NICE] = { 0, 0 },
        [RLIMIT_NOFILE] = { 1024, NOFILE_HARD },
        [RLIMIT_RSS] = { LIMIT_INFINITY, LIMIT_INFINITY },
        [RLIMIT_RTPRIO] = { 0, 0 },
        [RLIMIT_RTTIME] = { LIMIT_INFINITY, LIMIT_INFINITY },
        [RLIMIT_STACK] = { 8 * MEBIBYTE, LIMIT_INFINITY },
};

/* Two depend on the host's memory: its process 1 has what the kernel made of it. */
static Limit default_limit(const Facts *facts, unsigned resource) {
        if (resource == RLIMIT_NPROC)
                return facts->limit_nproc;
        if (resource == RLIMIT_SIGPENDING)
                return facts->limit_sigpending;

        return defaults[resource];
}

int plan_build_limits(const PlanBuild *build) {
        const PrivilegesConfig *config = &build->config->privileges;
        PrivilegePlan *privileges = &build->plan->privileges;

        for (unsigned i = 0; i < LIMIT_MAX; i++) {
                const LimitSetting *setting = &config->limits[i];

                privileges->limits[i] = (LimitPlan){
                        .limit = setting->is_set ? setting->limit : default_limit(build->facts, i),
                        .is_asked = setting->is_set,
                };
        }

        privileges->has_oom_score = config->oom_score_is_set == TRISTATE_YES;
        privileges->oom_score = config->oom_score;
        privileges->cpus = config->cpus;
        return 0;
}
