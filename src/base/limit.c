/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/limit.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/macro.h"

const char *const limit_names[LIMIT_MAX] = {
        [RLIMIT_AS] = "AS",
        [RLIMIT_CORE] = "CORE",
        [RLIMIT_CPU] = "CPU",
        [RLIMIT_DATA] = "DATA",
        [RLIMIT_FSIZE] = "FSIZE",
        [RLIMIT_LOCKS] = "LOCKS",
        [RLIMIT_MEMLOCK] = "MEMLOCK",
        [RLIMIT_MSGQUEUE] = "MSGQUEUE",
        [RLIMIT_NICE] = "NICE",
        [RLIMIT_NOFILE] = "NOFILE",
        [RLIMIT_NPROC] = "NPROC",
        [RLIMIT_RSS] = "RSS",
        [RLIMIT_RTPRIO] = "RTPRIO",
        [RLIMIT_RTTIME] = "RTTIME",
        [RLIMIT_SIGPENDING] = "SIGPENDING",
        [RLIMIT_STACK] = "STACK",
};
static_assert(LIMIT_MAX == 16, "one name for each");

const char *limit_to_text(uint64_t value, char buffer[static DECIMAL_MAX]) {
        if (value == LIMIT_INFINITY)
                return "infinity";

        (void)snprintf(buffer, DECIMAL_MAX, "%" PRIu64, value); /* always fits */
        return buffer;
}
