/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Sets of processors, in the form that sched_setaffinity(2) takes.
 */

#include <stdbool.h>

#include "base/arena.h"

/* No kernel is built for more. */
enum { CPUS_MAX = 8192, CPUS_PER_WORD = 8 * sizeof(unsigned long) };

typedef struct {
        unsigned long words[CPUS_MAX / CPUS_PER_WORD];
} CpuSet;

void cpu_set_add(CpuSet *set, unsigned cpu);
bool cpu_set_has(const CpuSet *set, unsigned cpu);
bool cpu_set_is_empty(const CpuSet *set);

/* "0-3,7"; "" if it is empty. */
const char *cpu_set_to_text(Arena *arena, const CpuSet *set);
