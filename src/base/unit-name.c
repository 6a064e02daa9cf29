/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/unit-name.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(char c, bool is_first) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == ':' || (c == '.' && !is_first);
}

const char *unit_name_escape(Arena *arena, const char *text) {
        static const char digits[] = "0123456789abcdef";
        char *escaped = arena_allocate(arena, strlen(text) * 4 + 1);
        size_t n = 0;

        for (const char *p = text; *p; p++) {
                if (*p == '/')
                        escaped[n++] = '-';
                else if (is_plain(*p, p == text))
                        escaped[n++] = *p;
                else {
                        memcpy(escaped + n, "\\x", 2);
                        escaped[n + 2] = digits[(unsigned char)*p >> 4];
                        escaped[n + 3] = digits[(unsigned char)*p & 0xf];
                        n += 4;
                }
        }

        return escaped;
}
