/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/unescape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static int digit_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return 16;
}

/* Reads exactly N digits of BASE. */
static bool read_digits(const char *text, size_t n, int base, uint32_t *ret_value) {
        uint32_t value = 0;

        for (size_t i = 0; i < n; i++) {
                int digit = digit_value(text[i]); /* of a NUL: none */

                if (digit >= base)
                        return false;
                value = value * (uint32_t)base + (uint32_t)digit;
        }

        *ret_value = value;
        return true;
}

static size_t encode_utf8(uint32_t c, char *bytes) {
        if (c < 0x80) {
                bytes[0] = (char)c;
                return 1;
        }
        if (c < 0x800) {
                bytes[0] = (char)(0xc0 | c >> 6);
                bytes[1] = (char)(0x80 | (c & 0x3f));
                return 2;
        }
        if (c < 0x10000) {
                bytes[0] = (char)(0xe0 | c >> 12);
                bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
                bytes[2] = (char)(0x80 | (c & 0x3f));
                return 3;
        }
        bytes[0] = (char)(0xf0 | c >> 18);
        bytes[1] = (char)(0x80 | (c >> 12 & 0x3f));
        bytes[2] = (char)(0x80 | (c >> 6 & 0x3f));
        bytes[3] = (char)(0x80 | (c & 0x3f));
        return 4;
}

/* What stands for one byte by a number: length of the escape behind the backslash, or 0. */
static size_t read_byte(const char *text, char *byte) {
        bool is_hex = text[0] == 'x';
        uint32_t value;

        if (!read_digits(text + is_hex, is_hex ? 2 : 3, is_hex ? 16 : 8, &value) || value > 0xff)
                return 0;

        *byte = (char)value;
        return 3;
}

/* The same for a character; half of a surrogate pair is none. */
static size_t read_character(const char *text, char *bytes, size_t *ret_n_bytes) {
        size_t n_digits = text[0] == 'u' ? 4 : 8;
        uint32_t value;

        if (!read_digits(text + 1, n_digits, 16, &value) || value > 0x10ffff ||
                        (value >= 0xd800 && value < 0xe000))
                return 0;

        *ret_n_bytes = encode_utf8(value, bytes);
        return 1 + n_digits;
}

static size_t read_escape(const char *text, char *bytes, size_t *ret_n_bytes) {
        static const char letters[] = "abfnrtv\\\"'s", meanings[] = "\a\b\f\n\r\t\v\\\"' ";
        const char *letter = text[0] ? strchr(letters, text[0]) : NULL;

        *ret_n_bytes = 1;
        if (letter) {
                bytes[0] = meanings[letter - letters];
                return 1;
        }
        if (text[0] == 'u' || text[0] == 'U')
                return read_character(text, bytes, ret_n_bytes);

        return read_byte(text, bytes);
}

char *unescape(Arena *arena, const char *text, size_t *ret_size) {
        /* No escape is shorter than what it stands for. */
        char *bytes = arena_allocate(arena, strlen(text) + 1);
        size_t n = 0;

        while (*text) {
                size_t n_read, n_bytes;

                if (*text != '\\') {
                        bytes[n++] = *text++;
                        continue;
                }
                n_read = read_escape(++text, bytes + n, &n_bytes);
                if (n_read == 0)
                        return NULL;
                text += n_read;
                n += n_bytes;
        }

        bytes[n] = '\0';
        *ret_size = n;
        return bytes;
}
