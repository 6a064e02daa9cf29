/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Filters for system calls.
 *
 * A filter is compiled at every start, to a search in a tree of ranges of numbers: that takes some
 * microseconds, where libseccomp needs many milliseconds, and the program is half as long. The
 * kernel runs it once for each number when it is installed, remembers what is always allowed, and
 * does not run it for those any more.
 */

#include <linux/filter.h>
#include <stddef.h>

#include "base/call-filter.h"

/* The longest program that the kernel takes. */
enum { SECCOMP_PROGRAM_MAX = BPF_MAXINSNS };

/* Compiles FILTER, which is on, into PROGRAM.
 *
 * Calls of x32 are refused as on a kernel without them, by a foreign architecture all that
 * `otherwise` does not allow. The number -1 is let through: with it a tracer skips a call, for
 * which it has a result of its own. Of arguments only the half that the kernel uses counts.
 *
 * Returns the number of instructions, or -E2BIG. Source: seccomp(2). */
int seccomp_compile(const CallFilter *filter, struct sock_filter program[SECCOMP_PROGRAM_MAX]);

/* Installs FILTER for the calling process and all that it will start, for good; nothing if it is
 * off.
 *
 * Errors: -EACCES (neither CAP_SYS_ADMIN in our user namespace nor no_new_privs), -ENOSYS (the
 * kernel has no filters), -E2BIG, -ENOMEM. */
int seccomp_install(const CallFilter *filter);
