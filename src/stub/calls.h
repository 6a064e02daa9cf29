/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System calls without a C library: they return the kernel's value, a negative errno on failure.
 *
 * Source: syscall(2), "Architecture calling conventions".
 */

#include <asm/unistd.h>

#if defined(__x86_64__)

#define STUB_START                                                                                 \
        ".globl _start\n"                                                                          \
        "_start:\n"                                                                                \
        "        xor %ebp, %ebp\n"                                                                 \
        "        and $-16, %rsp\n"                                                                 \
        "        call stub_main\n"

static inline long call4(long number, long a, long b, long c, long d) {
        register long r10 __asm__("r10") = d;
        long result;

        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                         : "rcx", "r11", "memory");
        return result;
}

#elif defined(__aarch64__)

#define STUB_START                                                                                 \
        ".globl _start\n"                                                                          \
        "_start:\n"                                                                                \
        "        bl stub_main\n"

static inline long call4(long number, long a, long b, long c, long d) {
        register long x8 __asm__("x8") = number;
        register long x0 __asm__("x0") = a;
        register long x1 __asm__("x1") = b;
        register long x2 __asm__("x2") = c;
        register long x3 __asm__("x3") = d;

        __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
        return x0;
}

#else
#error "The stub init does not know how this architecture makes system calls"
#endif

static inline long call2(long number, long a, long b) {
        return call4(number, a, b, 0, 0);
}
