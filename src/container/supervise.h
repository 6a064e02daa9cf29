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

/* Blocks the signals that we take, for the rest of the program, and opens two signalfds that the
 * caller owns: one of those that ask for the end, one of the others. 0 or -errno. */
int supervise_open_signals(int *ret_end_signal_fd, int *ret_signal_fd);

/* Waits for the payload's end while it passes on its console, its notifications and requests to
 * stop it. Returns the outcome with the payload reaped; errors of single sources are logged. */
Outcome supervise(Container *container);

/* Between the end of one boot and the next: takes the signals that have come and says whether
 * one of them asks for the end. The boot that ended must be unregistered by then: see
 * is_echo_of_end(). */
bool supervise_is_end_wanted(const Container *container);
