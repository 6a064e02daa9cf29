/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A transient scope: the unit that the service manager makes around a payload.
 *
 * The order: the payload exists but waits; scope_start_begin(); other work, with bus_process() now
 * and then; scope_start_finish(); now the payload is in the scope's control group, which
 * /proc/PID/cgroup names and which is delegated to us. At the end scope_stop(), in any state, and
 * scope_free(). Only what is ours is ever killed: a unit of the same name that somebody else made
 * is left alone.
 *
 * Errors are logged here, once, as one line with the manager's own words.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "bus/bus.h"
#include "sys/process.h"

typedef struct Scope Scope;

typedef struct {
        const char *unit;             /* "machine-web.scope" */
        const char *description;      /* NULL: none */
        const char *slice;            /* NULL: the manager's default */
        Process payload;              /* borrowed until the start is finished */
        bool is_boot;                 /* the payload is an init: core dumps are handed to it */
        int kill_signal;              /* asks the payload to shut down; 0: none */
        const char *const *devices;   /* "/dev/net/tun rwm", NULL at the end; NULL: none */
        const StringList *properties; /* NAME=VALUE, appended last; NULL: none */
} ScopeRequest;

/* Asks for the scope; everything in REQUEST but the payload's pidfd is copied.
 *
 * The control group is delegated, device access closed but for the usual nodes and DEVICES, and at
 * most 16384 tasks may run unless a property says otherwise. The pidfd is handed over where the
 * manager takes it, so that a recycled pid cannot be hit; older ones get the pid.
 *
 * Returns 0 and a scope to be freed, or -EINVAL (a property, see property_check()), -ECONNRESET,
 * -ENOMEM; logged. */
int scope_start_begin(Bus *bus, const ScopeRequest *request, Scope **ret_scope);

/* Whether the start has come to an end, so that scope_start_finish() will not wait. */
bool scope_start_is_settled(const Scope *scope);

/* Waits for the end of the start, at most until DEADLINE_US.
 *
 * Returns 0 if the scope runs and the payload is in it. Errors:
 * -EOPNOTSUPP (no service manager on this bus; silent), -ESRCH (the payload has ended; silent),
 * -EEXIST (there is such a unit already), -EACCES, -ETIMEDOUT, -ECONNRESET, -EINVAL (a property
 * that the manager refused), -ECANCELED, -EIO and whatever else it says; logged. */
int scope_start_finish(Scope *scope, uint64_t deadline_us);

/* Whether the manager wants the scope to end: `systemctl stop`, or the host shuts down. To be asked
 * after bus_process(). The manager waits for the payload's end, up to the scope's
 * TimeoutStopSec=. */
bool scope_stop_is_requested(const Scope *scope);

/* Kills what is left in the scope, gives up our reference to it and waits until the manager has
 * removed the unit. Harmless in every state, also after a failed start and when called twice.
 *
 * Returns 0 if the unit is gone, -ETIMEDOUT if it is not (logged as a warning), or -ECONNRESET
 * (silent): without a bus the manager removes the unit by itself once the caller has emptied it. */
int scope_stop(Scope *scope, uint64_t deadline_us);

/* Frees; SCOPE may be NULL. Does not stop it. */
void scope_free(Scope *scope);
