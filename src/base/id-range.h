/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The lines of a user namespace's id map: COUNT ids from INSIDE on are the host's from OUTSIDE on.
 * And the map of a mount: there INSIDE are the ids on disk.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel takes this many lines, and less than a page of text. Source: user_namespaces(7). */
enum { ID_RANGES_MAX = 340, ID_RANGES_TEXT_SIZE = 4096 };

/* Ids that one container gets: nspawn's, systemd's and our unit of them. */
enum { ID_RANGE_SIZE = 65536 };

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

/* The host's id of INSIDE. False if no line has it. */
bool id_ranges_to_outside(const IdRange *ranges,
                size_t n_ranges,
                uint32_t inside,
                uint32_t *ret_outside);

/* Whether two lines have an id in common, on either side. */
bool id_range_overlaps(const IdRange *a, const IdRange *b);

/* Whether every id from BASE on, COUNT of them, is some line's outside. */
bool id_ranges_have_outside(const IdRange *ranges, size_t n_ranges, uint32_t base, uint32_t count);

/* Writes the lines as the kernel reads them. Returns the length, or -E2BIG if they are more than it
 * takes. */
int id_ranges_to_text(const IdRange *ranges,
                size_t n_ranges,
                char ret_text[static ID_RANGES_TEXT_SIZE]);
