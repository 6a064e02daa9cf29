/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>

#include "sys/kernel.h"

int seccomp_install(CallFilter filter) {
        const SeccompProgram *program = &seccomp_programs[filter];
        const struct sock_fprog argument = {
                .len = (unsigned short)program->n_instructions,
                .filter = (struct sock_filter *)program->instructions, /* is only read */
        };

        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &argument) < 0)
                return errno == EINVAL ? -ENOSYS : -errno; /* The program itself is valid. */

        return 0;
}
