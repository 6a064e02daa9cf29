/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "base/parse.h"

int parse_take_decimal(const char **text, unsigned places, uint64_t *ret_number) {
        const char *p = *text;
        uint64_t number = 0;
        bool has_point = false;

        if (*p < '0' || *p > '9')
                return -EINVAL;

        for (;; p++) {
                if (*p == '.' && !has_point && places > 0) {
                        has_point = true;
                        continue;
                }
                if (*p < '0' || *p > '9')
                        break;
                if (has_point && places == 0)
                        return -EINVAL;
                if (__builtin_mul_overflow(number, 10U, &number) ||
                                __builtin_add_overflow(number, (unsigned)(*p - '0'), &number))
                        return -ERANGE;
                if (has_point)
                        places--;
        }
        if (p[-1] == '.')
                return -EINVAL;

        for (; places > 0; places--)
                if (__builtin_mul_overflow(number, 10U, &number))
                        return -ERANGE;

        *text = p;
        *ret_number = number;
        return 0;
}

int parse_size(const char *text, unsigned base, uint64_t *ret_size) {
        static const char suffixes[] = "BKMGTPE";
        const char *suffix;
        uint64_t thousandths, factor = 1;
        unsigned __int128 size;
        int r;

        r = parse_take_decimal(&text, 3, &thousandths);
        if (r < 0)
                return r;
        if (*text) {
                suffix = strchr(suffixes, *text);
                if (!suffix || text[1])
                        return -EINVAL;
                for (const char *p = suffixes; p < suffix; p++)
                        factor *= base;
        }

        size = (unsigned __int128)thousandths * factor;
        if (factor == 1 && thousandths % 1000 != 0)
                return -EINVAL;
        size /= 1000;
        if (size >= UINT64_MAX)
                return -ERANGE;

        *ret_size = (uint64_t)size;
        return 0;
}
