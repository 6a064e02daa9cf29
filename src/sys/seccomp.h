/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Filters for system calls. They were compiled to BPF when the program was built, by
 * seccomp-generate.c: compiling one with libseccomp at every start would take longer than all the
 * rest of it. A program covers all architectures that this machine can run: x86-64, x32 and i386,
 * or aarch64 and arm, or the native one.
 */

#include <linux/filter.h>
#include <stddef.h>

#include "base/call-filter.h"

typedef struct {
        const struct sock_filter *instructions;
        size_t n_instructions;
} SeccompProgram;

/* One per filter; generated. */
extern const SeccompProgram seccomp_programs[CALL_FILTER_MAX];

/* Installs FILTER for the calling process and all that it will start, for good.
 *
 * Errors: -EACCES (neither CAP_SYS_ADMIN in our user namespace nor no_new_privs), -ENOSYS (the
 * kernel has no filters), -ENOMEM. Source: seccomp(2). */
int seccomp_install(CallFilter filter);
