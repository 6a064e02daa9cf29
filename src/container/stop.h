/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Asking the payload's PID 1, from outside, to power off or to reboot.
 *
 * How an init wants to be asked differs, so one table is keyed by what PID 1 is: the last component
 * of /proc/PID/exe. Most take a signal. A signal that PID 1 of a pid namespace neither catches nor
 * blocks is dropped by the kernel without a word, so /proc/PID/status is looked at first. sysvinit,
 * openrc-init and runit want a fifo or a file in their tree as well; see stop-file.h.
 *
 * Asking is all that happens here: a deadline, and killing after it, are the caller's.
 */

#include <stdint.h>

#include "sys/process.h"

typedef enum {
        STOP_POWEROFF,
        STOP_REBOOT,
        STOP_KIND_MAX,
} StopKind;

typedef enum {
        STOP_PAYLOAD_INIT,    /* booted: some init, to be recognised */
        STOP_PAYLOAD_STUB,    /* our stub init: takes systemd's signals */
        STOP_PAYLOAD_COMMAND, /* a program as PID 1, which knows nothing of this */
} StopPayload;

/* All borrowed. */
typedef struct {
        const Process *process;
        StopPayload payload;
        int kill_signal;   /* set by the user: what STOP_POWEROFF sends instead; 0 if not */
        uint32_t root_uid; /* the payload's root as the host sees it; also its group */
} StopTarget;

/* Asks for KIND; waits for nothing but a helper process, at most one second (usually 2 ms; only for
 * inits that need a file).
 *
 * 0           asked, or an orderly end is on its way already
 * -EAGAIN     PID 1 does not listen: it has just been started, or got too much. Asking again later
 *             makes sense
 * -EOPNOTSUPP there is no way to ask this PID 1: kill it
 * -ESRCH      it has ended
 * -errno      of the way that was tried, logged as a warning; -ETIMEDOUT if the payload's own file
 *             systems do not answer */
int stop_request(const StopTarget *target, StopKind kind);
