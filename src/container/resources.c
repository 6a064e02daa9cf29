/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/resources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/io.h"
#include "base/log.h"
#include "base/macro.h"
#include "sys/limit.h"

/* The kernel counts these for a user namespace as a whole, too: what its maker's soft limit is when
 * it is made is as much as all of its users may have together; proved in tests/kernel. */
static bool is_counted(unsigned resource) {
        return resource == RLIMIT_MEMLOCK || resource == RLIMIT_MSGQUEUE ||
               resource == RLIMIT_SIGPENDING || resource == RLIMIT_NPROC;
}

static int open_limit(unsigned resource, uint64_t hard, bool opens_soft, Limit *ret_limit) {
        Limit now = { 0 }, next;
        int r;

        r = limit_get(0, resource, &now);
        if (r < 0) {
                /* Not known: then it is set, or the start fails. */
                *ret_limit = (Limit){ .soft = LIMIT_INFINITY, .hard = LIMIT_INFINITY };
                return r;
        }

        next.hard = MAX_OF(now.hard, hard);
        next.soft = opens_soft ? next.hard : now.soft;
        if (next.soft != now.soft || next.hard != now.hard)
                r = limit_set(resource, &next);
        if (r == -EPERM && opens_soft) { /* Then what can be had. */
                now.soft = now.hard;
                (void)limit_set(resource, &now);
        }

        *ret_limit = r < 0 ? now : next;
        return r;
}

void resources_open(Container *container) {
        const Plan *plan = container->plan;

        for (unsigned i = 0; i < LIMIT_MAX; i++) {
                int r = open_limit(i, plan->privileges.limits[i].limit.hard,
                                plan->ids.has_namespace && is_counted(i), &container->limits[i]);

                if (r < 0)
                        log_debug_errno(r, "Failed to raise the limit %s", limit_names[i]);
        }
}

int resources_set_oom_score(const Container *container) {
        const PrivilegePlan *privileges = &container->plan->privileges;
        char path[64], text[DECIMAL_MAX];
        int r;

        if (!privileges->has_oom_score)
                return 0;

        (void)snprintf(path, sizeof path, "/proc/%d/oom_score_adj", container->payload.pid);
        (void)snprintf(text, sizeof text, "%d", privileges->oom_score);
        r = io_write_file(AT_FDCWD, path, text);
        if (r < 0)
                return log_error_hint(r,
                                r == -EACCES ? "a score below our own needs CAP_SYS_RESOURCE"
                                             : NULL,
                                "Failed to set the payload's OOM score to %d",
                                privileges->oom_score);

        return 0;
}
