/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Finds a range of 65536 host ids that nobody uses, and keeps it.
 */

#include <stdint.h>

/* Locks a free range for machine NAME in /run/systemd/nspawn-uid, which systemd's tools use too.
 *
 * owner_uid: of the tree; its range is preferred if it is free, so that a tree that was shifted
 *            once stays as it is
 *
 * The range lies in 524288 to 1878982655, and neither its first nor its last id is known as a user
 * or group or subordinate to one. Returns 0 with the base and an fd that holds the lock, for
 * pick_ids_release(); base 0 and no fd if none was found; or -errno after an error line. */
int pick_ids(const char *name, uint32_t owner_uid, uint32_t *ret_base, int *ret_lock_fd);

/* Gives the range free and removes the lock file. */
void pick_ids_release(uint32_t base, int *lock_fd);

/* Removes the lock file of a range that a killed run left, unless somebody holds it again. */
void pick_ids_sweep(uint32_t base);
