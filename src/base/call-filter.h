/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A filter for system calls, decided call by call; sys/seccomp.h makes the kernel follow it.
 */

#include <stdbool.h>
#include <stdint.h>

typedef enum {
        VERDICT_ABSENT,  /* fails with ENOSYS: who calls tries something else */
        VERDICT_ALLOW,   /* does what it does */
        VERDICT_DENY,    /* fails with EPERM */
        VERDICT_SUCCEED, /* succeeds, and does nothing */
        VERDICT_MAX,
} CallVerdict;

typedef struct {
        bool is_on;              /* else nothing is filtered, and the rest is unset */
        bool is_logged;          /* the kernel logs what it refuses */
        CallVerdict otherwise;   /* for calls that are not in base/calls */
        const uint8_t *verdicts; /* a CallVerdict for each call in base/calls */
        uint64_t families;       /* that can be opened, see base/address-family */
        uint32_t namespaces;     /* that can be made, see base/namespaces */
        bool has_audit;          /* netlink to the kernel's audit can be opened */
        bool trusts_socketcall;  /* where programs have it, it opens any family: no filter can see
                                    which */
} CallFilter;
