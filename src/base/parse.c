/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/parse.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"
#include "base/text.h"

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

int parse_bool(const char *text, bool *ret_value) {
        static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" };
        static const char *const no[] = { "0", "no", "n", "false", "f", "off" };

        for (size_t i = 0; i < ELEMENTSOF(yes); i++) {
                if (strcasecmp(text, yes[i]) == 0) {
                        *ret_value = true;
                        return 0;
                }
                if (strcasecmp(text, no[i]) == 0) {
                        *ret_value = false;
                        return 0;
                }
        }

        return -EINVAL;
}

int parse_u64(const char *text, uint64_t *ret_value) {
        uint64_t value = 0;

        if (!is_digit(text[0]))
                return -EINVAL;

        for (; *text; text++) {
                if (!is_digit(*text))
                        return -EINVAL;
                if (__builtin_mul_overflow(value, 10U, &value) ||
                                __builtin_add_overflow(value, (unsigned)(*text - '0'), &value))
                        return -ERANGE;
        }

        *ret_value = value;
        return 0;
}

int parse_u32(const char *text, uint32_t *ret_value) {
        uint64_t value;
        int r;

        r = parse_u64(text, &value);
        if (r < 0)
                return r;
        if (value > UINT32_MAX)
                return -ERANGE;

        *ret_value = (uint32_t)value;
        return 0;
}

int parse_i64(const char *text, int64_t *ret_value) {
        bool negative = text[0] == '-';
        uint64_t value;
        int r;

        r = parse_u64(text + (negative ? 1 : 0), &value);
        if (r < 0)
                return r;
        if (value > (uint64_t)INT64_MAX)
                return -ERANGE;

        *ret_value = negative ? -(int64_t)value : (int64_t)value;
        return 0;
}

int parse_id(const char *text, uint32_t *ret_id) {
        uint32_t id;
        int r;

        if (text[0] == '0' && text[1] != '\0')
                return -EINVAL;
        r = parse_u32(text, &id);
        if (r < 0)
                return r;
        if (id == UINT32_MAX || id == UINT16_MAX)
                return -ERANGE;

        *ret_id = id;
        return 0;
}

static int unit_to_us(const char *unit, uint64_t *ret_us) {
        static const struct {
                const char *name;
                uint64_t us;
        } units[] = {
                { "", USEC_PER_SEC },
                { "s", USEC_PER_SEC },
                { "us", 1 },
                { "ms", USEC_PER_MSEC },
                { "min", 60 * USEC_PER_SEC },
                { "h", 3600 * USEC_PER_SEC },
                { "d", 86400 * USEC_PER_SEC },
                { "w", 7 * 86400 * USEC_PER_SEC },
        };

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (text_equal(unit, units[i].name)) {
                        *ret_us = units[i].us;
                        return 0;
                }

        return -EINVAL;
}

int parse_time_us(const char *text, int64_t *ret_us) {
        bool negative = text[0] == '-';
        uint64_t whole = 0, fraction = 0, scale = 1, unit, us;
        int r;

        text += negative ? 1 : 0;
        if (!is_digit(text[0]))
                return -EINVAL;
        for (; is_digit(*text); text++)
                if (__builtin_mul_overflow(whole, 10U, &whole) ||
                                __builtin_add_overflow(whole, (unsigned)(*text - '0'), &whole))
                        return -ERANGE;
        if (*text == '.') {
                if (!is_digit(*++text))
                        return -EINVAL;
                for (; is_digit(*text); text++)
                        if (scale < USEC_PER_SEC) { /* finer than a microsecond is dropped */
                                fraction = fraction * 10 + (unsigned)(*text - '0');
                                scale *= 10;
                        }
        }

        r = unit_to_us(text, &unit);
        if (r < 0)
                return r;
        if (__builtin_mul_overflow(whole, unit, &us) ||
                        __builtin_add_overflow(us, fraction * unit / scale, &us) ||
                        us > (uint64_t)INT64_MAX)
                return -ERANGE;

        *ret_us = negative ? -(int64_t)us : (int64_t)us;
        return 0;
}

int parse_signal(const char *text, int *ret_signal) {
        const char *name = text_after(text, "SIG") ?: text, *rest;
        uint64_t number;

        if (parse_u64(text, &number) >= 0) {
                if (number == 0 || number > (uint64_t)SIGRTMAX)
                        return -ERANGE;
                *ret_signal = (int)number;
                return 0;
        }

        for (int i = 1; i < SIGRTMIN; i++)
                if (text_equal(sigabbrev_np(i), name)) {
                        *ret_signal = i;
                        return 0;
                }

        rest = text_after(name, "RTMIN");
        if (rest && (rest[0] == '\0' || (rest[0] == '+' && parse_u64(rest + 1, &number) >= 0))) {
                number = rest[0] == '\0' ? 0 : number;
                if (number > (uint64_t)(SIGRTMAX - SIGRTMIN))
                        return -ERANGE;
                *ret_signal = SIGRTMIN + (int)number;
                return 0;
        }

        rest = text_after(name, "RTMAX");
        if (rest && (rest[0] == '\0' || (rest[0] == '-' && parse_u64(rest + 1, &number) >= 0))) {
                number = rest[0] == '\0' ? 0 : number;
                if (number > (uint64_t)(SIGRTMAX - SIGRTMIN))
                        return -ERANGE;
                *ret_signal = SIGRTMAX - (int)number;
                return 0;
        }

        return -EINVAL;
}

static int hex_value(char c) {
        if (is_digit(c))
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -EINVAL;
}

int parse_uuid(const char *text, uint8_t ret_uuid[static 16]) {
        bool dashed = strlen(text) == 36;
        uint8_t uuid[16], any = 0;

        if (!dashed && strlen(text) != 32)
                return -EINVAL;

        for (size_t i = 0; i < 16; i++) {
                int high, low;

                if (dashed && (i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
                        return -EINVAL;
                high = hex_value(*text++);
                low = high < 0 ? -EINVAL : hex_value(*text++);
                if (low < 0)
                        return -EINVAL;
                uuid[i] = (uint8_t)(high << 4 | low);
                any |= uuid[i];
        }
        if (any == 0)
                return -EINVAL;

        memcpy(ret_uuid, uuid, sizeof uuid);
        return 0;
}

void uuid_to_hex(const uint8_t uuid[static 16], char ret_text[static 33]) {
        for (size_t i = 0; i < 16; i++)
                (void)snprintf(ret_text + 2 * i, 3, "%02x", uuid[i]);
}

void uuid_to_dashed(const uint8_t uuid[static 16], char ret_text[static 37]) {
        char hex[33];

        uuid_to_hex(uuid, hex);
        (void)snprintf(ret_text, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                        hex + 20);
}

const char *signal_to_name(int signal, char buffer[static 16]) {
        const char *name = sigabbrev_np(signal);

        if (name)
                (void)snprintf(buffer, 16, "SIG%s", name);
        else if (signal >= SIGRTMIN && signal <= SIGRTMAX)
                (void)snprintf(buffer, 16, "SIGRTMIN+%d", signal - SIGRTMIN);
        else
                (void)snprintf(buffer, 16, "%d", signal);
        return buffer;
}
