/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: what a machine that runs may do, as the kernel says it.
 */

#include "container/record.h"
#include "plan/confinement.h"

/* Reads it of the machine's first process, its mounts and its control group; strings live in ARENA.
 *
 * Returns 0; -ESRCH if that process is gone; -EACCES or -EPERM for an ordinary user; -errno. Not
 * logged. Source: proc_pid_status(5), proc_pid_mountinfo(5), namespaces(7). */
int confinement_read(Arena *arena, const RecordFields *record, Confinement *ret_confinement);
