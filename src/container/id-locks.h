/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Locks on ranges of 65536 host ids, in /run/systemd/nspawn-uid where systemd's tools keep theirs.
 *
 * A range that was picked is locked exclusively. One that the user has named is locked as shared:
 * nobody picks it any more, but two machines can be run in it on purpose.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/id-range.h"

#define ID_LOCKS_FOLDER "/run/systemd/nspawn-uid"

/* The part of the id space that is set aside for containers; ranges outside of it are nobody's to
 * pick and have no locks. Source: systemd's UIDS-GIDS document. */
#define ID_LOCKS_FIRST_BASE 524288U
#define ID_LOCKS_LAST_BASE  (1878982656U - ID_RANGE_SIZE)

enum { ID_LOCKS_MAX = 64 };

typedef struct {
        struct {
                uint32_t base;
                int fd;
        } items[ID_LOCKS_MAX];
        size_t n_items;
} IdLocks;

/* Locks the range at BASE, a multiple of 65536: 0, -EBUSY (somebody has it, also if it was named
 * only), -ENOSPC (LOCKS is full), or -errno. */
int id_locks_take(IdLocks *locks, uint32_t base);

/* Locks as shared what of RANGES has locks and is not in LOCKS yet; for a machine that runs in ids
 * of the user's choice, so nothing here fails: where somebody has picked a range a warning says so.
 * Beyond ID_LOCKS_MAX ranges are left unlocked. */
void id_locks_share(IdLocks *locks, const IdRange *ranges, size_t n_ranges);

/* Gives the newest lock back. */
void id_locks_drop(IdLocks *locks);

/* Ends all locks and removes files that nobody else has locked; leaves LOCKS empty. */
void id_locks_done(IdLocks *locks);

/* The bases with spaces between them, or NULL; and the end of what a killed run left of them. */
const char *id_locks_to_text(const IdLocks *locks, Arena *arena);
void id_locks_sweep(Arena *arena, const char *text);
