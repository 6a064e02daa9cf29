/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/limit.h"

#include <errno.h>

int limit_get(pid_t pid, unsigned resource, Limit *ret_limit) {
        struct rlimit limit;

        if (prlimit(pid, resource, NULL, &limit) < 0)
                return -errno;

        *ret_limit = (Limit){ .soft = limit.rlim_cur, .hard = limit.rlim_max };
        return 0;
}

int limit_set(unsigned resource, const Limit *limit) {
        const struct rlimit copy = { .rlim_cur = limit->soft, .rlim_max = limit->hard };

        return setrlimit(resource, &copy) < 0 ? -errno : 0;
}

Limit limit_below(const Limit *wanted, uint64_t hard) {
        Limit limit = *wanted;

        if (limit.hard > hard)
                limit.hard = hard;
        if (limit.soft > limit.hard)
                limit.soft = limit.hard;
        return limit;
}
