/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "container/container.h"

/*
 * What the systemd host has to know: a scope for the payload, and its registration with
 * systemd-machined. Where the plan wants neither, nothing here does anything and no bus is opened.
 *
 * The requests are begun as early as possible and their answers awaited as late as possible, so
 * that the payload's side sets itself up meanwhile. Every wait has a deadline.
 */

/* Opens the bus if the plan needs one. Logged. */
int register_open(Container *container);

/* Before a boot: a bus that was lost since the last one may be back. Logged. */
int register_reopen(Container *container);

/* Before work that can take long: nobody answers the bus meanwhile, and until it has accepted us it
 * does not wait for more than some seconds. What goes wrong shows later. */
void register_await_bus(Container *container);

/* Asks for the scope of the new payload process. Logged. */
int register_begin_scope(Container *container);

/* Waits for it and moves the payload into its group. Logged. */
int register_finish_scope(Container *container);

/* Asks machined for an entry, once the payload is in its group; and waits for the answer, which
 * with --register=auto may be a refusal. Logged. */
int register_begin_machine(Container *container);
int register_finish_machine(Container *container);

/* For the supervisor's loop. */
void register_get_poll(Container *container, struct pollfd *ret_pollfd, uint64_t *ret_deadline_us);

/* Handles what came in; whether the service manager wants the payload stopped. */
bool register_process(Container *container);

/* After each boot: unregisters and ends the scope; in any state. */
void register_done_boot(Container *container);

/* Closes the bus; in any state. */
void register_done(Container *container);
