/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One line of a user namespace's id map: COUNT ids from INSIDE on are the host's from OUTSIDE on.
 * And the map of a mount: there INSIDE are the ids on disk.
 */

#include <stddef.h>
#include <stdint.h>

typedef struct {
        uint32_t inside;
        uint32_t outside;
        uint32_t count;
} IdRange;

/* Users and groups apart; without lines nobody is mapped. */
typedef struct {
        const IdRange *users;
        size_t n_users;
        const IdRange *groups;
        size_t n_groups;
} IdMap;

/* The same lines for both; the map borrows RANGES. */
static inline IdMap id_map_both(const IdRange *ranges, size_t n_ranges) {
        return (IdMap){ ranges, n_ranges, ranges, n_ranges };
}
