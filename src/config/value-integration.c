/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
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

const char *const link_journal_names[] = {
        [LINK_JOURNAL_AUTO] = "auto",
        [LINK_JOURNAL_NO] = "no",
        [LINK_JOURNAL_HOST] = "host",
        [LINK_JOURNAL_TRY_HOST] = "try-host",
        [LINK_JOURNAL_GUEST] = "guest",
        [LINK_JOURNAL_TRY_GUEST] = "try-guest",
};
static_assert(ELEMENTSOF(link_journal_names) == LINK_JOURNAL_MAX, "one name for each mode");
/* clang-format on */

/* What both systemd and the usual tools take for users and groups; what is more would need care
 * wherever it is shown. */
enum { ACCOUNT_LENGTH_MAX = 31 };

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

int value_link_journal(Arena *arena,
                const char *text,
                LinkJournal *field,
                const char **ret_reason) {
        int r;

        r = value_choose(arena, link_journal_names, ELEMENTSOF(link_journal_names), text,
                        ret_reason);
        if (r < 0)
                return r;

        *field = (LinkJournal)r;
        return 0;
}

StringList value_link_journal_words(Arena *arena) {
        return value_words(arena, link_journal_names, ELEMENTSOF(link_journal_names));
}

int value_journal_size(Arena *arena,
                const char *text,
                const char **field,
                const char **ret_reason) {
        uint64_t size;

        if (parse_size(text, 1024, &size) < 0) {
                *ret_reason = "not a size like 4096, 64M or 1.5G";
                return -EINVAL;
        }

        *field = arena_printf(arena, "%" PRIu64, size);
        return 0;
}

int value_journal_count(Arena *arena,
                const char *text,
                const char **field,
                const char **ret_reason) {
        uint64_t count;

        if (parse_u64(text, &count) < 0) {
                *ret_reason = "not a number";
                return -EINVAL;
        }

        *field = arena_printf(arena, "%" PRIu64, count);
        return 0;
}

const char *forward_journal_folder(const ForwardJournal *forward, Arena *arena) {
        return text_ends_with(forward->path, ".journal") ? path_parent(arena, forward->path)
                                                         : forward->path;
}

const char *forward_journal_file(const ForwardJournal *forward, Arena *arena) {
        return text_ends_with(forward->path, ".journal") ? path_last(arena, forward->path) : NULL;
}

static bool account_is_valid(const char *name) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
        static const char others[] =
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-";
        size_t length = strlen(name);

        return length > 0 && length <= ACCOUNT_LENGTH_MAX && strchr(letters, name[0]) &&
               strspn(name, others) == length;
}

static int add_account(Arena *arena, const char *text, StringList *field, const char **ret_reason) {
        if (!account_is_valid(text)) {
                *ret_reason = "not a name of letters, digits, '-' and '_' (up to 31)";
                return -EINVAL;
        }

        for (size_t i = 0; i < field->n_items; i++)
                if (text_equal(field->items[i], text))
                        return 0;
        string_list_add(arena, field, text);
        return 0;
}

int value_bind_user(Arena *arena, const char *text, StringList *field, const char **ret_reason) {
        if (text_equal(text, "root") || text_equal(text, "nobody")) {
                *ret_reason = "the payload has one of its own";
                return -EINVAL;
        }

        return add_account(arena, text, field, ret_reason);
}

int value_bind_user_group(Arena *arena,
                const char *text,
                StringList *field,
                const char **ret_reason) {
        return add_account(arena, text, field, ret_reason);
}

int value_bind_user_shell(Arena *arena,
                const char *text,
                BindUserShell *field,
                const char **ret_reason) {
        bool is_hosts;

        if (path_is_absolute(text)) {
                if (!path_is_normalized(text) || text_printable(arena, text) != text ||
                                strchr(text, ':') || text_ends_with(text, "/")) {
                        *ret_reason = "not the path of a program";
                        return -EINVAL;
                }
                *field = (BindUserShell){ .path = arena_copy(arena, text) };
                return 0;
        }
        if (parse_bool(text, &is_hosts) < 0) {
                *ret_reason = "neither yes, nor no, nor an absolute path";
                return -EINVAL;
        }

        *field = (BindUserShell){ .is_hosts = is_hosts };
        return 0;
}
