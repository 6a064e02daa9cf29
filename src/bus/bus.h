/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A connection to a message bus, driven by the caller's poll() loop.
 *
 * Nothing here blocks, except functions that take a deadline: a bus that hangs must never hang a
 * start. A request is begun, answers come in while the caller does other work and calls
 * bus_process(), and the result is asked for at the end. All deadlines are CLOCK_MONOTONIC in
 * microseconds, see clock_monotonic_us(); UINT64_MAX is none.
 *
 * What is begun on a bus (Scope, Machine) must be freed before the bus. Only one thread, and no
 * use behind a fork.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Bus Bus;

typedef enum {
        BUS_SYSTEM, /* $DBUS_SYSTEM_BUS_ADDRESS, or the usual socket */
        BUS_USER,   /* $DBUS_SESSION_BUS_ADDRESS, or the socket in $XDG_RUNTIME_DIR */
        BUS_KIND_MAX,
} BusKind;

/* Starts to connect. Must be called where the host's libraries and sockets are visible.
 *
 * Returns 0 and a bus to be freed with bus_free(). Errors, all of them silent but for a debug
 * message, since only the caller knows whether it needs a bus:
 * -ENOENT (there is no such bus: no socket, nobody listens, or no address known),
 * -ENOPKG (libsystemd is not installed or older than 252), -EACCES, -ENOMEM. */
int bus_open(BusKind kind, Bus **ret_bus);

/* Closes the connection at once: whoever counts on it, like a scope with our reference, is told by
 * the bus. Messages not yet sent are lost. */
void bus_free(Bus *bus);

/* What to poll() for, and when to call bus_process() at the latest. On a lost connection the fd is
 * negative, which poll() ignores, and the deadline UINT64_MAX. */
void bus_get_poll(Bus *bus, struct pollfd *ret_pollfd, uint64_t *ret_deadline_us);

/* Handles what has come in and sends what waits. Call it when poll() says so or the deadline of
 * bus_get_poll() has passed; a call too many does no harm.
 *
 * Returns 0, or -ECONNRESET once, when the connection is found lost (nothing is logged; requests
 * under way fail and say so). Afterwards 0 again: a lost bus has nothing to do. */
int bus_process(Bus *bus);

/* Whether the connection is gone for good. Requests then fail with -ECONNRESET. */
bool bus_is_lost(const Bus *bus);

/* Processes until *IS_DONE, which some answer sets, or until DEADLINE_US.
 *
 * Returns 0, -ETIMEDOUT or -ECONNRESET. */
int bus_wait(Bus *bus, const bool *is_done, uint64_t deadline_us);

/* The same until the bus has accepted us: it drops whoever has not come that far within some
 * seconds, so this comes before work during which nobody processes. */
int bus_wait_accepted(Bus *bus, uint64_t deadline_us);
