/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The receiver of the payload's journal: systemd-journal-remote, one for each boot.
 *
 * Theory. The socket that the payload's journald sends to is made in the assembled tree, so it is
 * no file of the host's and ends with the tree; the receiver gets it as a descriptor. It reads what
 * the payload says: it has the rights of the owner of the folder that it writes to and no
 * capability, and what it has to say comes through a pipe that is shown only when it has ended. It
 * dies with the manager.
 *
 * At the end it is asked to end only once it waits for events: the payload is dead by then, so all
 * has come that will come, and a receiver that waits for more has read it all. (systemd 262's ends
 * at once when asked to, whatever still waits in its sockets.)
 */

#include <stdbool.h>

#include "sys/process.h"

typedef struct Container Container;

typedef struct {
        int socket_fd; /* in the tree; only until the receiver has it */
        int notify_fd; /* where it says that it is ready */
        int words_fd;  /* what it says to people */
        Process process;
} Receiver;

#define RECEIVER_NONE                                                                              \
        ((Receiver){ .socket_fd = -EBADF,                                                          \
                        .notify_fd = -EBADF,                                                       \
                        .words_fd = -EBADF,                                                        \
                        .process = PROCESS_NONE })

/* Starts it if the plan has one: in the assembled tree's mount namespace, of which it sees nothing.
 * Logged. */
int receiver_start(Container *container);

/* Waits until it is ready. -ECANCELED if a signal asks for the end. Logged. */
int receiver_await(Container *container);

/* It has ended while the payload runs: tells so. */
void receiver_ended(Container *container);

/* Ends it, once the payload is dead; in any state. */
void receiver_done(Container *container);
