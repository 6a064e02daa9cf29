/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "container/container.h"

typedef enum {
        OUTCOME_EXIT,   /* the payload is through: leave with STATUS */
        OUTCOME_REBOOT, /* it wants to be started again */
} OutcomeKind;

typedef struct {
        OutcomeKind kind;
        int status;
} Outcome;

/* The signals that supervise() takes, to be blocked from the start of the program on. Returns a
 * signalfd that the caller owns, or -errno. */
int supervise_open_signals(void);

/* Waits for the payload's end while it passes on its console, its notifications and requests to
 * stop it. Returns the outcome with the payload reaped; errors of single sources are logged. */
Outcome supervise(Container *container);
