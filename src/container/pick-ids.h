/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Finds ranges of 65536 host ids that nobody uses, and keeps them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "container/id-locks.h"
#include "plan/facts.h"

typedef struct {
        const char *name; /* of the machine: the same name gets the same ranges, if they are free */
        uint32_t owner_uid; /* of the tree; its range is preferred, so that a tree that was shifted
                              * once stays as it is */
        bool wants_base;    /* a range for the payload itself */
        unsigned n_delegated; /* ranges more, for containers in it */
} PickRequest;

/* Locks free ranges and fills FACTS' has_all_ids, picked_base, delegated_bases and n_delegated;
 * what was not found stays 0, for plan/ to tell.
 *
 * A range lies among those for containers, we have it (in a user namespace, not all are there), and
 * neither its first nor its last id is known as a user or group or subordinate to one.
 * Returns 0, or -errno after an error line; LOCKS are the caller's to end in either case. */
int pick_ids(const PickRequest *request, IdLocks *locks, Facts *facts);
