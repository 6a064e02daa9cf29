/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "plan/build.h"

int plan_build_time(const PlanBuild *build) {
        const Config *config = build->config;
        TimePlan *time = &build->plan->time;
        bool has_offset = config->boottime_is_set == TRISTATE_YES ||
                          config->monotonic_is_set == TRISTATE_YES;
        bool is_booting = config->start_mode == START_BOOT;
        bool is_asked = has_offset || config->time_namespace == TRISTATE_YES;

        time->is_own = config->time_namespace != TRISTATE_NO &&
                       (is_asked || (is_booting && !config->as_nspawn));
        if (!time->is_own)
                return 0;

        if (!build->facts->is_time_namespace_supported) {
                if (is_asked)
                        return plan_fail(build, -EOPNOTSUPP,
                                        "Here are no time namespaces, or no CAP_SYS_TIME to set them up "
                                        "(--time-namespace=no runs without)");
                time->is_own = false;
                return 0;
        }

        /* Clocks that nobody gave an offset start with the payload. */
        time->boottime_from_zero = config->boottime_is_set != TRISTATE_YES;
        time->monotonic_from_zero = config->monotonic_is_set != TRISTATE_YES;
        time->boottime_offset_us = config->boottime_offset_us;
        time->monotonic_offset_us = config->monotonic_offset_us;
        return 0;
}
