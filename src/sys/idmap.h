/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Id maps of user namespaces, and of mounts.
 */

#include <sys/types.h>

#include "base/id-range.h"

/* Writes the maps of the user namespace of process PID, which must have none yet.
 *
 * Errors: -EPERM (already written, or ids not ours to give), -EINVAL (ranges overlap), -E2BIG.
 * Source: user_namespaces(7). */
int idmap_write(pid_t pid, const IdMap *map);

/* Makes a user namespace with these maps that no process is in, for idmapped mounts (fact 7).
 *
 * Returns an O_CLOEXEC fd of it that the caller owns; -ENOSPC if user.max_user_namespaces forbids
 * more of them, and the errors of idmap_write(). */
int idmap_open_namespace(const IdMap *map);

/* Opens the user namespace of process PID, for the same use: it may have a map already. -errno. */
int idmap_open_namespace_of(pid_t pid);
