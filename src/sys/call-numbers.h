/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The numbers that the calls of base/calls have, for all architectures that this machine can run
 * but x32: x86-64 and i386, aarch64 and arm, or the native one. Generated when the program is
 * built, by call-numbers-generate.c.
 */

#include <stddef.h>
#include <stdint.h>

typedef struct {
        uint32_t number; /* the kernel's */
        uint32_t call;   /* the index in base/calls */
} CallNumber;

typedef struct {
        const CallNumber *items; /* by rising numbers */
        size_t n_items;
} CallNumbers;

typedef struct {
        uint32_t audit_architecture; /* AUDIT_ARCH_* */
        CallNumbers numbers;
} CallArchitecture;

/* Ends with an architecture 0. */
extern const CallArchitecture call_architectures[];

/* Calls that hold several others, which their first argument chooses; it is what is left of it
 * under MASK. Source: ipc(2), socketcall(2), linux/ipc.h, linux/net.h. */
typedef struct {
        uint32_t call;
        uint32_t mask;
        CallNumbers numbers; /* of those in it */
} CallMultiplexer;

extern const CallMultiplexer call_ipc;
extern const CallMultiplexer call_socketcall;

/* Indices in base/calls. */
extern const uint32_t call_socket;
extern const uint32_t call_socketpair;
extern const uint32_t call_clone;
extern const uint32_t call_unshare;
