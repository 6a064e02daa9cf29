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

static int digit_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *unit_name_unescape_path(Arena *arena, const char *text) {
        char *path = arena_allocate(arena, strlen(text) + 2);
        size_t n = 0;

        path[n++] = '/';
        if (text[0] == '-' && text[1] == '\0')
                return path;

        for (; *text; text++) {
                int high, low;

                if (*text != '\\') {
                        path[n++] = *text == '-' ? '/' : *text;
                        continue;
                }
                high = text[1] == 'x' ? digit_value(text[2]) : -1;
                low = high >= 0 ? digit_value(text[3]) : -1;
                if (low < 0 || (high == 0 && low == 0))
                        return NULL;
                path[n++] = (char)(high << 4 | low);
                text += 3;
        }

        return path;
}
