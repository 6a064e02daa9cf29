/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config/value-privileges.h"

/* The kernel takes a label and the word before it in one page. */
enum { LABEL_LENGTH_MAX = 4000 };

static int refuse(const char **ret_reason, const char *reason) {
        *ret_reason = reason;
        return -EINVAL;
}

/* USER:ROLE:TYPE, and a level where the policy has levels. A quote or a backslash is in no label,
 * and would end one among the options of a mount. */
int value_selinux_context(Arena *arena,
                const char *text,
                const char **field,
                const char **ret_reason) {
        size_t n_colons = 0;

        for (const char *p = text; *p; p++) {
                if (*p <= ' ' || *p > '~' || *p == '"' || *p == '\\')
                        return refuse(ret_reason, "no SELinux label has such characters");
                n_colons += *p == ':';
        }
        if (text[0] && n_colons < 2)
                return refuse(ret_reason, "is not of the form USER:ROLE:TYPE[:LEVEL]");
        if (strlen(text) > LABEL_LENGTH_MAX)
                return refuse(ret_reason, "is too long");

        *field = text[0] ? arena_copy(arena, text) : NULL;
        return 0;
}

/* Profiles are called by a path or by any words. */
int value_apparmor_profile(Arena *arena,
                const char *text,
                const char **field,
                const char **ret_reason) {
        if (text_printable(arena, text) != text)
                return refuse(ret_reason, "has control characters");
        if (text[0] == ' ' || text_ends_with(text, " "))
                return refuse(ret_reason, "begins or ends with a space");
        if (strlen(text) > LABEL_LENGTH_MAX)
                return refuse(ret_reason, "is too long");

        *field = text[0] ? arena_copy(arena, text) : NULL;
        return 0;
}
