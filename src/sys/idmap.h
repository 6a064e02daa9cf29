/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Id maps of user namespaces. Users and groups always get the same map.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/id-range.h"

/* Writes the maps of the user namespace of process PID, which must have none yet.
 *
 * Errors: -EPERM (already written, or ids not ours to give), -EINVAL (ranges overlap), -E2BIG.
 * Source: user_namespaces(7). */
int idmap_write(pid_t pid, const IdRange *ranges, size_t n_ranges);

/* Makes a user namespace with these maps that no process is in, for idmapped mounts (fact 7).
 *
 * Returns an O_CLOEXEC fd of it that the caller owns. */
int idmap_open_namespace(const IdRange *ranges, size_t n_ranges);
