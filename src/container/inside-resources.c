/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sched.h>

#include "base/log.h"
#include "container/inside.h"
#include "sys/limit.h"

static void tell_difference(unsigned resource, const LimitPlan *plan, const Limit *limit) {
        char soft[DECIMAL_MAX], hard[DECIMAL_MAX], wanted_soft[DECIMAL_MAX],
                        wanted_hard[DECIMAL_MAX];

        log_full(plan->is_asked ? LOG_WARNING : LOG_DEBUG, 0, NULL,
                        "The limit %s is %s:%s instead of %s:%s, as only a process with "
                        "CAP_SYS_RESOURCE may raise it",
                        limit_names[resource], limit_to_text(limit->soft, soft),
                        limit_to_text(limit->hard, hard),
                        limit_to_text(plan->limit.soft, wanted_soft),
                        limit_to_text(plan->limit.hard, wanted_hard));
}

static int set_limit(unsigned resource, const LimitPlan *plan, const Limit *now) {
        Limit limit = limit_below(&plan->limit, now->hard);
        int r = 0;

        if (limit.soft != now->soft || limit.hard != now->hard)
                r = limit_set(resource, &limit);
        if (r < 0)
                return log_error_errno(r, "Failed to set the limit %s", limit_names[resource]);
        if (limit.soft != plan->limit.soft || limit.hard != plan->limit.hard)
                tell_difference(resource, plan, &limit);

        return 0;
}

int inside_limit(const Inside *inside) {
        const PrivilegePlan *privileges = &inside->plan->privileges;
        int r = 0;

        if (!cpu_set_is_empty(&privileges->cpus) &&
                        sched_setaffinity(0, sizeof privileges->cpus,
                                        (const cpu_set_t *)privileges->cpus.words) < 0)
                return log_error_hint(-errno,
                                errno == EINVAL ? "none of them is there, or may be used" : NULL,
                                "Failed to run on the processors %s",
                                cpu_set_to_text(inside->arena, &privileges->cpus));

        for (unsigned i = 0; i < LIMIT_MAX && r >= 0; i++)
                r = set_limit(i, &privileges->limits[i], &inside->limits[i]);
        return r;
}
