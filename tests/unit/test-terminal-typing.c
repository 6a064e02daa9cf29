/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/terminal-typing.h"

/* The error of the call NUMBER for a descriptor that is none: EBADF, if it is let through. */
static int error_of(long number, unsigned long argument) {
        return syscall(number, -1, argument, "x") < 0 ? errno : 0;
}

/* The same by the entry for programs of 32 bits, which every process can use. */
static int error_of_32_bits(uint32_t argument) {
#ifdef __x86_64__
        long result = 54; /* ioctl */

        __asm__ volatile("int $0x80"
                         : "+a"(result)
                         : "b"(-1), "c"(argument), "d"(0)
                         : "memory", "r8", "r9", "r10", "r11");
        return (int)-result;
#else
        return error_of(SYS_ioctl, argument);
#endif
}

static int type_nothing(void) {
        static const unsigned long requests[] = { TIOCSTI, TIOCLINUX };

        if (error_of(SYS_ioctl, TIOCSTI) != EBADF || error_of_32_bits(TIOCSTI) != EBADF)
                return 1;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || terminal_forbid_typing() < 0)
                return 2;

        for (unsigned i = 0; i < 2; i++) {
                if (error_of(SYS_ioctl, requests[i]) != EPERM)
                        return 3;
                if (error_of(SYS_ioctl, requests[i] | 0xa0UL << 32) != EPERM)
                        return 4;
                if (error_of_32_bits((uint32_t)requests[i]) != EPERM)
                        return 5;
                if (error_of(SYS_ftruncate, requests[i]) != EBADF)
                        return 6;
        }

        return error_of(SYS_ioctl, TIOCGWINSZ) == EBADF && error_of_32_bits(TIOCGWINSZ) == EBADF
                               ? 0
                               : 7;
}

/* In a process of its own, since there is no way back. */
static void both_requests_and_nothing_else_are_refused_on_every_entry(void **state) {
        pid_t pid = fork();
        int status = 0;

        (void)state;
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(type_nothing());

        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_requests_and_nothing_else_are_refused_on_every_entry),
};

UNIT_TEST_MAIN(tests)
