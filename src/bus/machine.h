/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Registration with systemd-machined, so that machinectl and its friends know the container.
 *
 * machined finds the unit of a machine by its leader's control group, so the payload must be in
 * place before. Begin, do other work, finish; like a Scope. machined keeps the entry until it is
 * told to forget it or the leader's unit ends.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/bus.h"
#include "sys/process.h"

typedef struct Machine Machine;

typedef struct {
        const char *name;
        const uint8_t *uuid;        /* 16 bytes, or NULL */
        const char *service;        /* "boot-tree" or "systemd-nspawn" */
        const char *root_directory; /* on the host; NULL: none to be named */
        Process leader;             /* PID 1 of the container; borrowed until finished */
        const int *interfaces;      /* indexes of the host's ends of its links */
        size_t n_interfaces;
        bool is_required; /* failures are errors; else warnings, or debug without machined */
} MachineRequest;

/* Asks machined for an entry, by the newest call that it has: RegisterMachineEx with a pidfd
 * (259), RegisterMachineWithNetwork, RegisterMachine. All of REQUEST but the pidfd is copied.
 *
 * Returns 0 and a machine to be freed, or -ECONNRESET, -ENOMEM; logged as IS_REQUIRED says. */
int machine_register_begin(Bus *bus, const MachineRequest *request, Machine **ret_machine);

/* Whether machine_register_finish() will not wait. */
bool machine_register_is_settled(const Machine *machine);

/* Waits for the answer, at most until DEADLINE_US.
 *
 * Returns 0 if registered. Errors, logged as IS_REQUIRED says: -EOPNOTSUPP (no machined here),
 * -EEXIST (the name is taken), -EACCES, -ETIMEDOUT, -ECONNRESET, -EIO. */
int machine_register_finish(Machine *machine, uint64_t deadline_us);

/* Makes machined forget the entry, if it is ours; twice is fine.
 *
 * Returns 0, -ECONNRESET (silent), or -ETIMEDOUT, -EACCES, … (logged as a warning). When the
 * machine's unit has ended, machined forgets it in any case. */
int machine_unregister(Machine *machine, uint64_t deadline_us);

/* Frees; MACHINE may be NULL. Does not unregister. */
void machine_free(Machine *machine);
