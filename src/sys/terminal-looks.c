/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/terminal-looks.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/macro.h"
#include "sys/process.h"

#define ANSWER_TIMEOUT_US (USEC_PER_SEC / 3)

static void append(char *text, size_t size, const char *more) {
        size_t length = strlen(text);

        (void)snprintf(text + length, size - length, "%s", more); /* room for all there is */
}

void terminal_looks_set(TerminalLooks *looks, const char *title, bool has_background) {
        *looks = (TerminalLooks){ 0 };
        if (title) {
                (void)snprintf(looks->on, sizeof looks->on, "\x1b[22;0t\x1b]0;%.64s\x1b\\", title);
                /* Where titles cannot be kept and taken back, none is better than a wrong one. */
                append(looks->off, sizeof looks->off, "\x1b]0;\x1b\\\x1b[23;0t");
        }
        if (has_background)
                append(looks->off, sizeof looks->off, "\x1b]111\x1b\\");
}

void terminal_looks_add_background(TerminalLooks *looks, const char *background) {
        char sequence[32];

        (void)snprintf(sequence, sizeof sequence, "\x1b]11;#%.6s\x1b\\", background);
        append(looks->on, sizeof looks->on, sequence);
}

void terminal_show(int fd, const char *text) {
        if (text[0] != '\0' && write(fd, text, strlen(text)) < 0)
                return; /* Looks only: a terminal that takes no output now is left alone. */
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;

        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One share of a color: 1 to 4 hex digits at KEYS, of which the first two count. */
static size_t match_share(const char *keys, size_t size, int32_t *ret_share) {
        int32_t share = 0;
        size_t n = 0;

        for (; n < size && n < 4 && hex_digit(keys[n]) >= 0; n++)
                if (n < 2)
                        share = share << 4 | hex_digit(keys[n]);
        *ret_share = n == 1 ? share * 0x11 : share;
        return n;
}

/* The length of an answer "ESC ] 11 ; rgb: R / G / B", with either end, at KEYS; 0 if it is none. */
static size_t match_color(const char *keys, size_t size, int32_t *ret_color) {
        static const char start[] = "\x1b]11;rgb:";
        size_t n = sizeof start - 1;
        int32_t color = 0;

        if (size < n || memcmp(keys, start, n) != 0)
                return 0;

        for (int i = 0; i < 3; i++) {
                int32_t share;
                size_t n_digits = match_share(keys + n, size - n, &share);

                n += n_digits;
                if (n_digits == 0 || n >= size || (i < 2 && keys[n++] != '/'))
                        return 0;
                color = color << 8 | share;
        }
        if (keys[n] == '\a')
                n += 1;
        else if (size - n >= 2 && memcmp(keys + n, "\x1b\\", 2) == 0)
                n += 2;
        else
                return 0;

        *ret_color = color;
        return n;
}

/* The same for "ESC [ ? 64 ; 1 ; 2 c", which says what the terminal is. */
static size_t match_attributes(const char *keys, size_t size) {
        static const char start[] = "\x1b[?";
        size_t n = sizeof start - 1;

        if (size < n || memcmp(keys, start, n) != 0)
                return 0;

        while (n < size && (keys[n] == ';' || (keys[n] >= '0' && keys[n] <= '9')))
                n++;
        return n < size && keys[n] == 'c' ? n + 1 : 0;
}

static bool has_attributes(const char *keys, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (match_attributes(keys + i, size - i) > 0)
                        return true;

        return false;
}

size_t terminal_take_answers(char *keys, size_t size, int32_t *ret_color) {
        size_t n_left = 0;

        *ret_color = -1;
        for (size_t i = 0; i < size;) {
                size_t n = match_color(keys + i, size - i, ret_color);

                if (n == 0)
                        n = match_attributes(keys + i, size - i);
                if (n == 0)
                        keys[n_left++] = keys[i++];
                i += n;
        }

        return n_left;
}

/* An eighth of it is blue. */
static void add_shade(TerminalLooks *looks, int32_t color) {
        uint8_t red = (uint8_t)(color >> 16), green = (uint8_t)(color >> 8), blue = (uint8_t)color;
        char background[8];

        (void)snprintf(background, sizeof background, "%02x%02x%02x", (uint8_t)(red * 7 / 8),
                        (uint8_t)(green * 7 / 8), (uint8_t)(blue * 7 / 8 + 255 / 8)); /* fits */
        terminal_looks_add_background(looks, background);
}

size_t terminal_looks_tint(TerminalLooks *looks, int in_fd, int out_fd, char *keys, size_t size) {
        uint64_t deadline_us = clock_monotonic_us() + ANSWER_TIMEOUT_US;
        struct pollfd input = { .fd = in_fd, .events = POLLIN };
        size_t n_keys = 0;
        int32_t color;

        terminal_show(out_fd, "\x1b]11;?\x1b\\\x1b[c");
        while (n_keys < size && !has_attributes(keys, n_keys)) {
                int r = poll(&input, 1, clock_poll_timeout(deadline_us));
                ssize_t n;

                if (r < 0 && errno == EINTR)
                        continue;
                n = r > 0 ? read(in_fd, keys + n_keys, size - n_keys) : 0;
                if (n <= 0) /* too late, or gone: who reads on will see */
                        break;
                n_keys += (size_t)n;
        }

        n_keys = terminal_take_answers(keys, n_keys, &color);
        if (color >= 0)
                add_shade(looks, color);
        return n_keys;
}
