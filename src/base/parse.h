/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text to values. Every function takes the whole string or fails with -EINVAL (not of the form)
 * or -ERANGE (of the form, but the number does not fit); the result is written only on success.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* yes/no, true/false, on/off, 1/0, y/n, t/f; case does not matter. */
int parse_bool(const char *text, bool *ret_value);

/* Decimal digits only: no sign, no white space, no leading plus. */
int parse_u64(const char *text, uint64_t *ret_value);
int parse_u32(const char *text, uint32_t *ret_value);

/* A number with an optional minus. */
int parse_i64(const char *text, int64_t *ret_value);

/* Decimal digits with up to PLACES decimals at *TEXT, times 10^PLACES; moves *TEXT behind them. */
int parse_take_decimal(const char **text, unsigned places, uint64_t *ret_number);

/* "4096", "1.5G": bytes, with the suffixes B K M G T P E of BASE, 1000 or 1024. */
int parse_size(const char *text, unsigned base, uint64_t *ret_size);

/* A user or group id as digits without leading zeros (others read them as octal); 4294967295 and
 * 65535 mean "none" to the kernel and are refused. */
int parse_id(const char *text, uint32_t *ret_id);

/* Seconds with optional fraction, minus and unit (us ms s min h d w); a bare number is seconds. */
int parse_time_us(const char *text, int64_t *ret_us);

/* "SIGTERM", "TERM", "15", "RTMIN+3", "SIGRTMIN+3", "RTMAX-1". */
int parse_signal(const char *text, int *ret_signal);

/* 32 hex digits, or the dashed form; all zeros is refused. */
int parse_uuid(const char *text, uint8_t ret_uuid[static 16]);

/* Fills 33 bytes with the 32 hex digits of UUID and a NUL; or 37 with dashes. */
void uuid_to_hex(const uint8_t uuid[static 16], char ret_text[static 33]);
void uuid_to_dashed(const uint8_t uuid[static 16], char ret_text[static 37]);

/* Name of SIGNAL for messages and the plan: "SIGTERM", "SIGRTMIN+3". BUFFER has 16 bytes. */
const char *signal_to_name(int signal, char buffer[static 16]);
