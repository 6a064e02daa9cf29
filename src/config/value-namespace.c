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

/* BASE or BASE:COUNT; the id that means "none" may not be in the range. */
static int parse_range(Arena *arena, const char *text, PrivateUsers *field) {
        const char *colon = strchr(text, ':');
        uint32_t base, count = CONFIG_USERS_COUNT;
        int r;

        r = parse_id(colon ? arena_copy_n(arena, text, (size_t)(colon - text)) : text, &base);
        if (r < 0)
                return r;

        if (colon) {
                r = parse_u32(colon + 1, &count);
                if (r < 0)
                        return r;
                if (colon[1] == '0' && colon[2] != '\0')
                        return -EINVAL;
        }
        if (count == 0 || count > UINT32_MAX - base)
                return -ERANGE;

        *field = (PrivateUsers){ .mode = USERS_FIXED, .base = base, .count = count };
        return 0;
}

int value_private_users(Arena *arena,
                const char *text,
                PrivateUsers *field,
                const char **ret_reason) {
        int mode = names_find(users_mode_names, ELEMENTSOF(users_mode_names), text), r;
        bool is_yes;

        /* A lone 0 or 1 is a no or yes, as systemd-nspawn has it; a base of 0 is "0:65536". */
        if (mode < 0 && parse_bool(text, &is_yes) >= 0)
                mode = is_yes ? USERS_YES : USERS_NO;
        if (mode >= 0) {
                *field = (PrivateUsers){ .mode = (UsersMode)mode, .count = CONFIG_USERS_COUNT };
                return 0;
        }

        r = parse_range(arena, text, field);
        if (r == -ERANGE)
                *ret_reason = "range of ids is empty or goes beyond 4294967294";
        else if (r < 0)
                *ret_reason = "not one of no, yes, pick, identity, BASE or BASE:COUNT";
        return r < 0 ? -EINVAL : 0;
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
