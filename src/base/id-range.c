/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/id-range.h"

#include <errno.h>
#include <stdio.h>

bool id_ranges_to_outside(const IdRange *ranges,
                size_t n_ranges,
                uint32_t inside,
                uint32_t *ret_outside) {
        for (size_t i = 0; i < n_ranges; i++)
                if (inside >= ranges[i].inside && inside - ranges[i].inside < ranges[i].count) {
                        *ret_outside = ranges[i].outside + (inside - ranges[i].inside);
                        return true;
                }

        return false;
}

static bool overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count) {
        return a < (uint64_t)b + b_count && b < (uint64_t)a + a_count;
}

bool id_range_overlaps(const IdRange *a, const IdRange *b) {
        return overlap(a->inside, a->count, b->inside, b->count) ||
               overlap(a->outside, a->count, b->outside, b->count);
}

/* Lines need not be in order, nor end where another begins: covers one line's part at a time. */
bool id_ranges_have_outside(const IdRange *ranges, size_t n_ranges, uint32_t base, uint32_t count) {
        uint64_t next = base, end = (uint64_t)base + count;

        while (next < end) {
                uint64_t reached = next;

                for (size_t i = 0; i < n_ranges; i++)
                        if (next >= ranges[i].outside &&
                                        next < (uint64_t)ranges[i].outside + ranges[i].count)
                                reached = (uint64_t)ranges[i].outside + ranges[i].count;
                if (reached == next)
                        return false;
                next = reached;
        }

        return true;
}

int id_ranges_to_text(const IdRange *ranges,
                size_t n_ranges,
                char ret_text[static ID_RANGES_TEXT_SIZE]) {
        size_t length = 0;

        if (n_ranges > ID_RANGES_MAX)
                return -E2BIG;

        ret_text[0] = '\0';
        for (size_t i = 0; i < n_ranges; i++) {
                length += (size_t)snprintf(ret_text + length, ID_RANGES_TEXT_SIZE - length,
                                "%u %u %u\n", ranges[i].inside, ranges[i].outside, ranges[i].count);
                if (length >= ID_RANGES_TEXT_SIZE)
                        return -E2BIG;
        }

        return (int)length;
}
