/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The filters for system calls that come with the program, compiled when it is built; see
 * sys/seccomp.h for what they do. In the order in which they are installed.
 */

typedef enum {
        CALL_FILTER_SUPPRESS_SYNC,
        CALL_FILTER_MAX,
} CallFilter;
