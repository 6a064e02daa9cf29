/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Resource limits: SOFT:HARD, or one text for both. Each limit has a unit of its own.
 */

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "base/text.h"
#include "config/value-privileges.h"

/* Turns one half into the kernel's unit. */
typedef int (*ParseHalf)(const char *text, uint64_t *ret_value);

static int parse_bytes(const char *text, uint64_t *ret_value) {
        return parse_size(text, 1024, ret_value);
}

/* A number of units, or a time, which is rounded up, so that a short one is not none. */
static int parse_units(const char *text, int64_t unit_us, uint64_t *ret_value) {
        int64_t us;
        int r;

        if (parse_u64(text, ret_value) >= 0)
                return 0;
        r = parse_time_us(text, &us);
        if (r < 0 || us < 0)
                return r < 0 ? r : -EINVAL;

        *ret_value = ((uint64_t)us + (uint64_t)(unit_us - 1)) / (uint64_t)unit_us;
        return 0;
}

static int parse_seconds(const char *text, uint64_t *ret_value) {
        return parse_units(text, 1000000, ret_value);
}

static int parse_microseconds(const char *text, uint64_t *ret_value) {
        return parse_units(text, 1, ret_value);
}

/* A nice level with its sign, -20 to +19, or what the kernel makes of it: 20 minus the level. */
static int parse_nice(const char *text, uint64_t *ret_value) {
        uint64_t number;
        int r;

        r = parse_u64(text[0] == '+' || text[0] == '-' ? text + 1 : text, &number);
        if (r < 0)
                return r;
        if (number > (text[0] == '+' ? 19 : text[0] == '-' ? 20 : 40))
                return -ERANGE;

        *ret_value = text[0] == '+' ? 20 - number : text[0] == '-' ? 20 + number : number;
        return 0;
}

static int parse_half(ParseHalf parse, const char *text, uint64_t *ret_value) {
        if (text_equal(text, "infinity")) {
                *ret_value = LIMIT_INFINITY;
                return 0;
        }

        return parse(text, ret_value);
}

static int parse_limit(Arena *arena,
                ParseHalf parse,
                const char *text,
                LimitSetting *field,
                const char **ret_reason) {
        const char *colon = strchr(text, ':');
        Limit limit;
        int r;

        r = parse_half(parse, colon ? arena_copy_n(arena, text, (size_t)(colon - text)) : text,
                        &limit.soft);
        limit.hard = limit.soft;
        if (r >= 0 && colon)
                r = parse_half(parse, colon + 1, &limit.hard);
        if (r < 0) {
                *ret_reason = r == -ERANGE ? "limit out of range"
                                           : "not a limit like 1024, 512:4096 or infinity";
                return -EINVAL;
        }
        if (limit.soft > limit.hard) {
                *ret_reason = "the soft limit is above the hard one";
                return -EINVAL;
        }

        *field = (LimitSetting){ .is_set = true, .limit = limit };
        return 0;
}

int value_limit_bytes(Arena *arena,
                const char *text,
                LimitSetting *field,
                const char **ret_reason) {
        return parse_limit(arena, parse_bytes, text, field, ret_reason);
}

int value_limit_count(Arena *arena,
                const char *text,
                LimitSetting *field,
                const char **ret_reason) {
        return parse_limit(arena, parse_u64, text, field, ret_reason);
}

int value_limit_seconds(Arena *arena,
                const char *text,
                LimitSetting *field,
                const char **ret_reason) {
        return parse_limit(arena, parse_seconds, text, field, ret_reason);
}

int value_limit_microseconds(Arena *arena,
                const char *text,
                LimitSetting *field,
                const char **ret_reason) {
        return parse_limit(arena, parse_microseconds, text, field, ret_reason);
}

int value_limit_nice(Arena *arena, const char *text, LimitSetting *field, const char **ret_reason) {
        return parse_limit(arena, parse_nice, text, field, ret_reason);
}

StringList value_limit_words(Arena *arena) {
        StringList words = { 0 };

        for (unsigned i = 0; i < LIMIT_MAX; i++)
                string_list_add(arena, &words, arena_printf(arena, "%s=infinity", limit_names[i]));
        return words;
}

int value_oom_score(Arena *arena, const char *text, int *field, const char **ret_reason) {
        int64_t score;

        (void)arena; /* One form for all parsers. */

        if (parse_i64(text, &score) < 0 || score < -1000 || score > 1000) {
                *ret_reason = "not a number from -1000 to 1000";
                return -EINVAL;
        }

        *field = (int)score;
        return 0;
}

/* "3" or "0-3". */
static int add_cpus(Arena *arena, const char *word, CpuSet *set) {
        const char *dash = strchr(word, '-');
        uint32_t first, last;

        if (parse_u32(dash ? arena_copy_n(arena, word, (size_t)(dash - word)) : word, &first) < 0)
                return -EINVAL;
        last = first;
        if (dash && parse_u32(dash + 1, &last) < 0)
                return -EINVAL;
        if (first > last || last >= CPUS_MAX)
                return -EINVAL;

        for (uint32_t cpu = first; cpu <= last; cpu++)
                cpu_set_add(set, cpu);
        return 0;
}

int value_cpus(Arena *arena, const char *text, CpuSet *field, const char **ret_reason) {
        StringList words = text_split_words(arena, text, ", \t");

        if (words.n_items == 0) {
                *ret_reason = "no processor is named";
                return -EINVAL;
        }

        for (size_t i = 0; i < words.n_items; i++)
                if (add_cpus(arena, words.items[i], field) < 0) {
                        *ret_reason = arena_printf(arena,
                                        "'%s' is no processor, or range of them like 0-3",
                                        text_printable(arena, words.items[i]));
                        return -EINVAL;
                }

        return 0;
}
