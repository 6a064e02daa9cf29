/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bytes written as text, with the escapes of C.
 */

#include <stddef.h>

#include "base/arena.h"

/* Turns \a \b \f \n \r \t \v \\ \" \' \s (space) \xHH \NNN (three octal digits) \uHHHH and
 * \UHHHHHHHH (as UTF-8) in TEXT into the bytes that they stand for; all else stays.
 *
 * Returns RET_SIZE bytes, which may contain NUL, and a NUL behind them; or NULL if there is any
 * other escape, or one that is cut off or no character. */
char *unescape(Arena *arena, const char *text, size_t *ret_size);
