/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"
#include "config/value.h"

/* The kernel's limit, and what systemd takes for machine names. */
enum { NAME_LENGTH_MAX = 64 };

/* Longest user name that any common database has. */
enum { USER_LENGTH_MAX = 256 };

static int refuse(const char **ret_reason, const char *reason) {
        *ret_reason = reason;
        return -EINVAL;
}

static bool is_letter_or_digit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool hostname_is_valid(const char *name) {
        char before = '.';

        if (text_is_empty(name) || strlen(name) > NAME_LENGTH_MAX)
                return false;

        for (const char *p = name; *p; before = *p++) {
                if (*p == '.') {
                        if (before == '.' || before == '-')
                                return false;
                } else if (*p == '-') {
                        if (before == '.')
                                return false;
                } else if (!is_letter_or_digit(*p))
                        return false;
        }

        return before != '.' && before != '-';
}

const char *hostname_clean(Arena *arena, const char *text) {
        char *name = arena_allocate(arena, NAME_LENGTH_MAX + 1);
        size_t n = 0;

        for (; *text && n < NAME_LENGTH_MAX; text++) {
                bool is_first = n == 0 || name[n - 1] == '.';

                if (*text == '.' && !is_first) {
                        while (n > 0 && name[n - 1] == '-')
                                n--;
                        name[n++] = '.';
                } else if ((*text == '-' && !is_first) || is_letter_or_digit(*text))
                        name[n++] = *text;
        }
        while (n > 0 && (name[n - 1] == '.' || name[n - 1] == '-'))
                n--;

        name[n] = '\0';
        return name;
}

static int set_name(Arena *arena,
                const char *text,
                const char **field,
                const char **ret_reason,
                const char *reason) {
        if (text_is_empty(text)) {
                *field = NULL;
                return 0;
        }
        if (!hostname_is_valid(text))
                return refuse(ret_reason, reason);

        *field = arena_copy(arena, text);
        return 0;
}

int value_machine_name(Arena *arena,
                const char *text,
                const char **field,
                const char **ret_reason) {
        return set_name(arena, text, field, ret_reason,
                        "not a machine name (up to 64 letters, digits, dots and inner dashes)");
}

int value_hostname(Arena *arena, const char *text, const char **field, const char **ret_reason) {
        return set_name(arena, text, field, ret_reason,
                        "not a host name (up to 64 letters, digits, dots and inner dashes)");
}

int value_uuid(Arena *arena, const char *text, Uuid *field, const char **ret_reason) {
        (void)arena; /* One form for all parsers. */

        if (parse_uuid(text, field->bytes) < 0)
                return refuse(ret_reason, strspn(text, "0-") == strlen(text) && strlen(text) >= 32
                                                          ? "the UUID of only zeros stands for none"
                                                          : "not a UUID");

        field->is_set = true;
        return 0;
}

int value_user(Arena *arena, const char *text, const char **field, const char **ret_reason) {
        static const char forbidden[] = " :/,;\"'`$&|<>(){}[]*?!";
        uint32_t id;

        if (text_is_empty(text))
                return refuse(ret_reason, "empty user name");
        if (strlen(text) > USER_LENGTH_MAX)
                return refuse(ret_reason, "user name too long");

        /* Something that starts with a digit must be an id, and exactly one: "0x0", "00" and
         * numbers that do not fit once were read as root by other tools (CVE-2016-3697). */
        if (text[0] >= '0' && text[0] <= '9') {
                if (parse_id(text, &id) < 0)
                        return refuse(ret_reason, "not a user id");
        } else if (text[0] == '-' || text[0] == '+' || text[0] == '~' || text[0] == '.' ||
                        text[strcspn(text, forbidden)] || text_printable(arena, text) != text)
                return refuse(ret_reason, "not a user name");

        *field = arena_copy(arena, text);
        return 0;
}
