/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/macro.h"
#include "config/value.h"

/* clang-format off */
const char *const resolv_conf_names[] = {
        [RESOLV_CONF_AUTO] = "auto",
        [RESOLV_CONF_OFF] = "off",
        [RESOLV_CONF_DELETE] = "delete",
        [RESOLV_CONF_COPY + RESOLV_SOURCE_HOST] = "copy-host",
        [RESOLV_CONF_COPY + RESOLV_SOURCE_STATIC] = "copy-static",
        [RESOLV_CONF_COPY + RESOLV_SOURCE_UPLINK] = "copy-uplink",
        [RESOLV_CONF_COPY + RESOLV_SOURCE_STUB] = "copy-stub",
        [RESOLV_CONF_REPLACE + RESOLV_SOURCE_HOST] = "replace-host",
        [RESOLV_CONF_REPLACE + RESOLV_SOURCE_STATIC] = "replace-static",
        [RESOLV_CONF_REPLACE + RESOLV_SOURCE_UPLINK] = "replace-uplink",
        [RESOLV_CONF_REPLACE + RESOLV_SOURCE_STUB] = "replace-stub",
        [RESOLV_CONF_BIND + RESOLV_SOURCE_HOST] = "bind-host",
        [RESOLV_CONF_BIND + RESOLV_SOURCE_STATIC] = "bind-static",
        [RESOLV_CONF_BIND + RESOLV_SOURCE_UPLINK] = "bind-uplink",
        [RESOLV_CONF_BIND + RESOLV_SOURCE_STUB] = "bind-stub",
};
static_assert(ELEMENTSOF(resolv_conf_names) == RESOLV_CONF_MAX, "one name for each mode");

const char *const timezone_names[] = {
        [TIMEZONE_AUTO] = "auto",
        [TIMEZONE_OFF] = "off",
        [TIMEZONE_COPY] = "copy",
        [TIMEZONE_BIND] = "bind",
        [TIMEZONE_SYMLINK] = "symlink",
        [TIMEZONE_DELETE] = "delete",
};
static_assert(ELEMENTSOF(timezone_names) == TIMEZONE_MAX, "one name for each mode");
/* clang-format on */

int value_resolv_conf(Arena *arena,
                const char *text,
                ResolvConfMode *field,
                const char **ret_reason) {
        int r;

        r = value_choose(arena, resolv_conf_names, ELEMENTSOF(resolv_conf_names), text, ret_reason);
        if (r < 0)
                return r;

        *field = (ResolvConfMode)r;
        return 0;
}

StringList value_resolv_conf_words(Arena *arena) {
        return value_words(arena, resolv_conf_names, ELEMENTSOF(resolv_conf_names));
}

int value_timezone(Arena *arena, const char *text, TimezoneMode *field, const char **ret_reason) {
        int r;

        r = value_choose(arena, timezone_names, ELEMENTSOF(timezone_names), text, ret_reason);
        if (r < 0)
                return r;

        *field = (TimezoneMode)r;
        return 0;
}

StringList value_timezone_words(Arena *arena) {
        return value_words(arena, timezone_names, ELEMENTSOF(timezone_names));
}
