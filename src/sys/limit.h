/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Resource limits of processes.
 */

#include <sys/types.h>

#include "base/limit.h"

/* The limit of process PID (0: ourselves) for RESOURCE, a RLIMIT_….
 * -ESRCH, -EPERM (another user's process). */
int limit_get(pid_t pid, unsigned resource, Limit *ret_limit);

/* Sets our own limit. -EPERM if the hard one would be raised without CAP_SYS_RESOURCE in the first
 * user namespace, or NOFILE above the kernel's fs.nr_open. */
int limit_set(unsigned resource, const Limit *limit);

/* WANTED, or as much of it as can be had where the hard limit is HARD. */
Limit limit_below(const Limit *wanted, uint64_t hard);
