/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: what is known about a machine that runs, for people and for programs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "container/record.h"

/* A quantity that may not be known. */
typedef struct {
        bool is_known;
        uint64_t value;
} Quantity;

typedef struct {
        RecordFields record;
        const char *leader_name; /* command name of the payload's PID 1, or NULL */
        Quantity n_processes;    /* of the payload */
        Quantity memory_bytes;   /* of its control group, with caches */
} Machine;

/* Loads what runs under NAME; strings live in ARENA.
 *
 * Returns 0; -ENOENT if no such machine runs; -EACCES for an ordinary user; -errno. Not logged. */
int machine_load(Arena *arena, const char *name, Machine *ret_machine);

/* An error line for R from machine_load(); returns R. */
int machine_log(const char *name, int r);

/* Prints MACHINES as a list of objects in JSON, all keys always there; what is not known is null.
 * 0, or -errno if it cannot be written. */
int machine_print_json(const Machine *machines, size_t n_machines, FILE *file);

/* How long the machine has been running, "5min 3s"; its ids, "65536-131071" or "host"; where it runs, its
 * unit or control group. For people: "-" if not known, safe to print. */
const char *machine_uptime(Arena *arena, const Machine *machine);
const char *machine_ids(Arena *arena, const Machine *machine);
const char *machine_place(Arena *arena, const Machine *machine);
