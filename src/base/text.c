/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* More of a bad argument is not worth a user's screen. */
enum { EXCERPT_MAX = 128 };

/* A misspelt name has one wrong letter, or a few if it is long. */
enum { LETTERS_PER_ERROR = 4 };

static const char white_space[] = " \t\r\n";

bool text_equal(const char *a, const char *b) {
        if (!a || !b)
                return a == b;

        return strcmp(a, b) == 0;
}

const char *text_after(const char *text, const char *prefix) {
        size_t length = strlen(prefix);

        return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

bool text_ends_with(const char *text, const char *suffix) {
        size_t text_length = strlen(text), suffix_length = strlen(suffix);

        return text_length >= suffix_length &&
               strcmp(text + text_length - suffix_length, suffix) == 0;
}

bool text_is_empty(const char *text) {
        return !text || text[0] == '\0';
}

StringList text_split_words(Arena *arena, const char *text, const char *separators) {
        StringList words = { 0 };

        for (;;) {
                size_t length;

                text += strspn(text, separators);
                length = strcspn(text, separators);
                if (length == 0)
                        return words;
                string_list_add(arena, &words, arena_copy_n(arena, text, length));
                text += length;
        }
}

int text_split_quoted(Arena *arena, const char *text, StringList *ret_words) {
        StringList words = { 0 };
        char *word = arena_allocate(arena, strlen(text) + 1), quote = '\0';
        bool is_word = false;
        size_t n = 0;

        for (const char *p = text;; p++) {
                bool is_end = *p == '\0' || (!quote && strchr(white_space, *p));

                if (*p == '\0' && quote)
                        return -EINVAL;
                if (is_end && is_word)
                        string_list_add(arena, &words, arena_copy_n(arena, word, n));
                if (*p == '\0')
                        break;

                is_word = !is_end;
                n = is_end ? 0 : n;
                if (is_end)
                        continue;
                if (quote ? *p == quote : *p == '"' || *p == '\'')
                        quote = quote ? '\0' : *p;
                else
                        word[n++] = *p;
        }

        *ret_words = words;
        return 0;
}

StringList text_split_colons(Arena *arena, const char *text) {
        StringList fields = { 0 };
        char *field = arena_allocate(arena, strlen(text) + 1);
        size_t n = 0;

        for (const char *p = text;; p++) {
                if (p[0] == '\\' && p[1] == ':') {
                        field[n++] = *++p;
                        continue;
                }
                if (p[0] != ':' && p[0] != '\0') {
                        field[n++] = p[0];
                        continue;
                }
                field[n] = '\0';
                string_list_add(arena, &fields, field);
                n = 0;
                if (p[0] == '\0')
                        return fields;
        }
}

size_t text_printable_length(const char *text) {
        const unsigned char *s = (const unsigned char *)text;
        uint32_t code;
        size_t length;

        if (s[0] < 0x80)
                return s[0] >= 0x20 && s[0] != 0x7f ? 1 : 0;
        if (s[0] >= 0xc2 && s[0] <= 0xdf)
                length = 2;
        else if (s[0] >= 0xe0 && s[0] <= 0xef)
                length = 3;
        else if (s[0] >= 0xf0 && s[0] <= 0xf4)
                length = 4;
        else
                return 0;

        code = s[0] & (0x7fU >> length);
        for (size_t i = 1; i < length; i++) {
                if ((s[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (s[i] & 0x3f);
        }

        if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000) || code > 0x10ffff ||
                        (code >= 0xd800 && code <= 0xdfff))
                return 0;
        /* C1 controls, and the marks that reorder or hide text (bidi, zero width, BOM). */
        if (code < 0xa0 || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
                        (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
                        code == 0xfeff)
                return 0;

        return length;
}

const char *text_printable(Arena *arena, const char *text) {
        static const char digits[] = "0123456789abcdef";
        const unsigned char *s = (const unsigned char *)text;
        char *escaped = arena_allocate(arena, strlen(text) * 4 + 1);
        bool changed = false;
        size_t n = 0;

        while (*s) {
                size_t length = text_printable_length((const char *)s);

                if (length > 0) {
                        memcpy(escaped + n, s, length);
                        n += length;
                        s += length;
                        continue;
                }
                memcpy(escaped + n, "\\x", 2);
                escaped[n + 2] = digits[*s >> 4];
                escaped[n + 3] = digits[*s & 0xf];
                n += 4;
                s++;
                changed = true;
        }

        return changed ? escaped : text;
}

const char *text_excerpt(Arena *arena, const char *text) {
        if (strlen(text) > EXCERPT_MAX)
                text = arena_printf(arena, "%.*s...", (int)EXCERPT_MAX, text);
        return text_printable(arena, text);
}

char *text_strip(char *text) {
        size_t length;

        text += strspn(text, white_space);
        length = strlen(text);
        while (length > 0 && strchr(white_space, text[length - 1]))
                text[--length] = '\0';
        return text;
}

unsigned long long text_hash(const void *data, size_t size) {
        const unsigned char *bytes = data;
        uint64_t hash = 0xcbf29ce484222325ULL;

        for (size_t i = 0; i < size; i++)
                hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
        return hash;
}

size_t text_distance(const char *a, const char *b) {
        enum { LONGEST = 64 };
        size_t rows[3][LONGEST + 1], n = strlen(a), m = strlen(b);
        size_t *before = rows[0], *previous = rows[1], *current = rows[2];

        if (n > LONGEST || m > LONGEST)
                return SIZE_MAX;

        for (size_t j = 0; j <= m; j++)
                previous[j] = j;
        for (size_t i = 1; i <= n; i++) {
                size_t *spare;

                current[0] = i;
                for (size_t j = 1; j <= m; j++) {
                        size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;

                        current[j] = MIN_OF(MIN_OF(previous[j], current[j - 1]) + 1,
                                        previous[j - 1] + cost);
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                current[j] = MIN_OF(current[j], before[j - 2] + 1);
                }
                spare = before;
                before = previous;
                previous = current;
                current = spare;
        }
        return previous[m];
}

bool text_is_misspelt(const char *word, const char *name, size_t *least) {
        size_t distance = text_distance(word, name);

        if (distance >= *least || distance >= strlen(word) / LETTERS_PER_ERROR + 2)
                return false;

        *least = distance;
        return true;
}
