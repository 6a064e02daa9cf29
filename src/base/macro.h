/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The few macros that every layer uses.
 */

#include <assert.h>
#include <stddef.h>

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))

/* Checks the arguments of a printf-like function at compile time. */
#define PRINTF_LIKE(format_index, first_argument)                                                  \
        __attribute__((format(printf, format_index, first_argument), nonnull(format_index)))

#define MUST_CHECK   __attribute__((warn_unused_result))

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* Text of a number's decimal form with sign and NUL, for stack buffers. */
#define DECIMAL_MAX   24

#define USEC_PER_SEC  1000000ULL
#define USEC_PER_MSEC 1000ULL
#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_SEC  1000000000ULL
