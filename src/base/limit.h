/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of resource limits, and their values. A limit is known by the kernel's number, RLIMIT_…
 */

#include <stdint.h>
#include <sys/resource.h>

#include "base/macro.h"

enum { LIMIT_MAX = RLIM_NLIMITS };

#define LIMIT_INFINITY ((uint64_t)RLIM_INFINITY)

typedef struct {
        uint64_t soft; /* LIMIT_INFINITY: none */
        uint64_t hard;
} Limit;

/* "NOFILE" for RLIMIT_NOFILE and so on. */
extern const char *const limit_names[LIMIT_MAX];

/* VALUE in digits, or "infinity". */
const char *limit_to_text(uint64_t value, char buffer[static DECIMAL_MAX]);
