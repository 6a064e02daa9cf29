/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: what of the host a running machine sees among its mounts.
 */

#include "plan/confinement.h"

/* Adds what the mounts of the process say whose folder in /proc is PROC_FD; strings in ARENA.
 * Returns 0, or -ESRCH if that process is gone, or -errno. Not logged. */
int confinement_read_mounts(Arena *arena, int proc_fd, Confinement *confinement);

/* Adds the nodes in its /dev that not every machine has; it may have made more elsewhere, as far as
 * the filter lets it. The payload may have mounted a file system there that never answers, so
 * nothing is asked of anything but the one that we have made. */
void confinement_read_devices(Arena *arena, int proc_fd, Confinement *confinement);
