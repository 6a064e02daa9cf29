/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/names.h"
#include "base/parse.h"
#include "base/text.h"
#include "config/value.h"

const char *const users_mode_names[USERS_MODE_MAX] = {
        [USERS_NO] = "no",
        [USERS_YES] = "yes",
        [USERS_PICK] = "pick",
        [USERS_IDENTITY] = "identity",
};

const char *const ownership_names[OWNERSHIP_MAX] = {
        [OWNERSHIP_OFF] = "off",
        [OWNERSHIP_CHOWN] = "chown",
        [OWNERSHIP_MAP] = "map",
        [OWNERSHIP_FOREIGN] = "foreign",
        [OWNERSHIP_AUTO] = "auto",
};

const char *const network_mode_names[NETWORK_MODE_MAX] = {
        [NETWORK_PRIVATE] = "private-network",
        [NETWORK_HOST] = "network-host",
};

/* One number of a range. Others read leading zeros as octal. */
static int parse_number(const char *text, uint32_t *ret) {
        return text[0] == '0' && text[1] != '\0' ? -EINVAL : parse_u32(text, ret);
}

/* BASE, BASE:COUNT or INSIDE:OUTSIDE:COUNT, whose ends must be ids as well. */
static int parse_range(Arena *arena, const char *text, IdRange *ret) {
        StringList fields = text_split_colons(arena, text);
        IdRange range = { .inside = 0, .count = ID_RANGE_SIZE };
        const char *const *item = fields.items;
        int r = 0;

        if (fields.n_items == 0 || fields.n_items > 3)
                return -EINVAL;

        if (fields.n_items == 3)
                r = parse_number(*item++, &range.inside);
        if (r >= 0)
                r = parse_id(*item++, &range.outside);
        if (r >= 0 && fields.n_items > 1)
                r = parse_number(*item, &range.count);
        if (r < 0)
                return r;
        if (range.count == 0 || range.count > UINT32_MAX - range.outside ||
                        range.count > UINT32_MAX - range.inside)
                return -ERANGE;

        *ret = range;
        return 0;
}

/* What the kernel would refuse when it is too late for a good message. */
static const char *find_fault(const IdRange *ranges, size_t n_ranges) {
        char text[ID_RANGES_TEXT_SIZE];

        if (ranges[0].inside != 0)
                return "the first range does not begin with the payload's id 0";
        for (size_t i = 0; i < n_ranges; i++)
                for (size_t j = 0; j < i; j++)
                        if (id_range_overlaps(&ranges[i], &ranges[j]))
                                return "two ranges have ids in common";

        return id_ranges_to_text(ranges, n_ranges, text) < 0 ? "more ranges than the kernel takes"
                                                             : NULL;
}

/* Whether an item of a list is empty. */
static bool has_gaps(const char *text) {
        return text[0] == ',' || strstr(text, ",,") || text_ends_with(text, ",");
}

static int
parse_ranges(Arena *arena, const char *text, PrivateUsers *field, const char **ret_reason) {
        StringList items = text_split_words(arena, text, ",");
        PrivateUsers users = { .mode = USERS_FIXED, .n_ranges = items.n_items };
        int r = items.n_items == 0 || has_gaps(text) ? -EINVAL : 0;

        if (items.n_items > ID_RANGES_MAX) {
                *ret_reason = "more ranges than the kernel takes";
                return -EINVAL;
        }

        users.ranges = arena_allocate(arena, (items.n_items + 1) * sizeof *users.ranges);
        for (size_t i = 0; i < items.n_items && r >= 0; i++)
                r = parse_range(arena, items.items[i], &users.ranges[i]);
        if (r == -ERANGE)
                *ret_reason = "range of ids is empty or goes beyond 4294967294";
        else if (r < 0)
                *ret_reason = "not one of no, yes, pick, identity, BASE, BASE:COUNT or "
                              "INSIDE:OUTSIDE:COUNT,...";
        if (r < 0)
                return -EINVAL;

        *ret_reason = find_fault(users.ranges, users.n_ranges);
        if (*ret_reason)
                return -EINVAL;

        *field = users;
        return 0;
}

int value_private_users(Arena *arena,
                const char *text,
                PrivateUsers *field,
                const char **ret_reason) {
        int mode = names_find(users_mode_names, ELEMENTSOF(users_mode_names), text);
        bool is_yes;

        /* A lone 0 or 1 is a no or yes, as systemd-nspawn has it; a base of 0 is "0:65536". */
        if (mode < 0 && parse_bool(text, &is_yes) >= 0)
                mode = is_yes ? USERS_YES : USERS_NO;
        if (mode < 0)
                return parse_ranges(arena, text, field, ret_reason);

        *field = (PrivateUsers){ .mode = (UsersMode)mode };
        return 0;
}

int value_users_letter(Arena *arena,
                const char *text,
                PrivateUsers *field,
                const char **ret_reason) {
        (void)arena;
        if (!text_equal(text, users_mode_names[USERS_PICK])) {
                *ret_reason = "not \"pick\"";
                return -EINVAL;
        }

        *field = (PrivateUsers){ .mode = USERS_PICK_IF_POSSIBLE };
        return 0;
}

int value_users_delegate(Arena *arena, const char *text, unsigned *field, const char **ret_reason) {
        uint32_t number;

        (void)arena;
        if (parse_u32(text, &number) < 0 || number > USERS_DELEGATE_MAX) {
                *ret_reason = "not a number from 0 to 16";
                return -EINVAL;
        }

        *field = number;
        return 0;
}

StringList value_private_users_words(Arena *arena) {
        return value_words(arena, users_mode_names, ELEMENTSOF(users_mode_names));
}

int value_ownership(Arena *arena, const char *text, Ownership *field, const char **ret_reason) {
        int r;

        r = value_choose(arena, ownership_names, ELEMENTSOF(ownership_names), text, ret_reason);
        if (r < 0)
                return r;

        *field = (Ownership)r;
        return 0;
}

StringList value_ownership_words(Arena *arena) {
        return value_words(arena, ownership_names, ELEMENTSOF(ownership_names));
}

int value_network_mode(Arena *arena,
                const char *text,
                NetworkMode *field,
                const char **ret_reason) {
        int r;

        r = value_choose(arena, network_mode_names, ELEMENTSOF(network_mode_names), text,
                        ret_reason);
        if (r < 0)
                return r;

        if (*field != NETWORK_DEFAULT && *field != (NetworkMode)r) {
                *ret_reason = arena_printf(
                                arena, "cannot be combined with --%s", network_mode_names[*field]);
                return -EINVAL;
        }

        *field = (NetworkMode)r;
        return 0;
}
