/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>

#include "sys/kernel.h"

int seccomp_install(const CallFilter *filter) {
        struct sock_filter instructions[SECCOMP_PROGRAM_MAX];
        struct sock_fprog program = { .filter = instructions };
        int n;

        if (!filter->is_on)
                return 0;

        n = seccomp_compile(filter, instructions);
        if (n < 0)
                return n;
        program.len = (unsigned short)n;
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                            filter->is_logged ? SECCOMP_FILTER_FLAG_LOG : 0, &program) < 0)
                return errno == EINVAL ? -ENOSYS : -errno; /* The program itself is valid. */

        return 0;
}
