/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/terminal-typing.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "base/macro.h"
#include "sys/kernel.h"

#define LOAD(offset)           BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define JUMP_EQUAL(k, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (yes), (no))
#define RETURN(action)         BPF_STMT(BPF_RET | BPF_K, (action))
#define LOW_HALF_OF(field)     (offsetof(struct seccomp_data, field) + LOW_HALF)

enum { LOW_HALF = __BYTE_ORDER == __BIG_ENDIAN ? sizeof(uint32_t) : 0 };

/* Goes on behind its own end unless the call is one of those two. The kernel remembers of all other
 * calls that they are allowed, as no argument decides on them, and does not run this again. */
#define IOCTL(architecture, number)                                                                \
        LOAD(offsetof(struct seccomp_data, arch)), JUMP_EQUAL(architecture, 0, 6),                 \
                        LOAD(offsetof(struct seccomp_data, nr)), JUMP_EQUAL(number, 0, 4),         \
                        LOAD(LOW_HALF_OF(args[1])), JUMP_EQUAL(TIOCSTI, 1, 0),                     \
                        JUMP_EQUAL(TIOCLINUX, 0, 1), RETURN(SECCOMP_RET_ERRNO | EPERM)

/* The bit that marks the calls of x32, which have numbers of their own. */
enum { X32 = 0x40000000 };

int terminal_forbid_typing(void) {
        static const struct sock_filter program[] = {
                IOCTL(AUDIT_ARCH_X86_64, 16),
                IOCTL(AUDIT_ARCH_X86_64, X32 | 514),
                IOCTL(AUDIT_ARCH_X86_64, X32 | 16),
                IOCTL(AUDIT_ARCH_I386, 54),
                IOCTL(AUDIT_ARCH_AARCH64, 29),
                IOCTL(AUDIT_ARCH_ARM, 54),
                IOCTL(AUDIT_ARCH_RISCV64, 29),
                IOCTL(AUDIT_ARCH_PPC64LE, 54),
                IOCTL(AUDIT_ARCH_S390X, 54),
                IOCTL(AUDIT_ARCH_S390, 54),
                RETURN(SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog argument = {
                .len = ELEMENTSOF(program),
                .filter = (struct sock_filter *)program, /* is only read */
        };

        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &argument) < 0)
                return errno == EINVAL ? -ENOSYS : -errno; /* The program itself is valid. */

        return 0;
}
