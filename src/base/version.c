/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/version.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_unknown(const char *text) {
        while (*text && !is_digit(*text) && !is_letter(*text) && !strchr("~-^.", *text))
                text++;
        return text;
}

static int sign(long long difference) {
        return (difference > 0) - (difference < 0);
}

/* Two runs of characters, of one kind or empty, as numbers or as words. Moves behind them. */
static int compare_runs(const char **a, const char **b, bool (*is_part)(char), bool are_numbers) {
        size_t n_a = 0, n_b = 0;
        int r;

        for (; are_numbers && **a == '0'; ++*a)
                ;
        for (; are_numbers && **b == '0'; ++*b)
                ;
        while (is_part((*a)[n_a]))
                n_a++;
        while (is_part((*b)[n_b]))
                n_b++;

        /* Of numbers the longer one is greater; of words the one that goes on behind the other. */
        r = are_numbers && n_a != n_b ? 0 : strncmp(*a, *b, n_a < n_b ? n_a : n_b);
        r = sign(r != 0 ? r : (long long)n_a - (long long)n_b);
        *a += n_a;
        *b += n_b;
        return r;
}

/* A separator is older than anything that goes on otherwise; two of them say nothing. */
static int compare_separator(const char **a, const char **b, char separator) {
        bool has_a = **a == separator, has_b = **b == separator;

        if (has_a != has_b)
                return has_a ? -1 : 1;
        *a += has_a;
        *b += has_b;
        return 0;
}

/* The next step of both, up to where they differ. */
static int compare_next(const char **a, const char **b) {
        static const char separators[] = { '-', '^', '.' };
        int r;

        r = compare_separator(a, b, '~');
        if (r != 0)
                return r;
        if (**a == '\0' || **b == '\0')
                return (**a != '\0') - (**b != '\0');
        for (size_t i = 0; r == 0 && i < sizeof separators; i++)
                r = compare_separator(a, b, separators[i]);
        if (r != 0)
                return r;

        /* A number is newer than a word, or than nothing. */
        if (is_digit(**a) != is_digit(**b))
                return is_digit(**a) ? 1 : -1;
        return is_digit(**a) ? compare_runs(a, b, is_digit, /* are_numbers= */ true)
                             : compare_runs(a, b, is_letter, /* are_numbers= */ false);
}

int version_compare(const char *a, const char *b) {
        int r = 0;

        do {
                a = skip_unknown(a);
                b = skip_unknown(b);
                r = compare_next(&a, &b);
        } while (r == 0 && (*a || *b));

        return r;
}
