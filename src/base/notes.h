/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the pure layers want the user to know, without printing it themselves.
 *
 * config/ and plan/ collect notes; main prints them in order. A note of level LOG_ERROR is the
 * reason why the function that left it returned a negative errno.
 */

#include "base/arena.h"
#include "base/log.h"

typedef struct {
        LogLevel level;
        const char *text; /* whole line, with the place ("web.nspawn:12: ") in front */
} Note;

typedef struct {
        Note *items;
        size_t n_items;
        size_t n_allocated;
} Notes;

/* Adds one formatted note; the text lives in ARENA. What a terminal would not show is escaped. */
void notes_add(Notes *notes, Arena *arena, LogLevel level, const char *format, ...)
                PRINTF_LIKE(4, 5);

/* Adds an error and returns R, for `return notes_fail(…)`. */
int notes_fail(Notes *notes, Arena *arena, int r, const char *format, ...) PRINTF_LIKE(4, 5);

/* Prints the notes up to LEVEL in order through base/log: after a failure only its reason
 * matters. */
void notes_print(const Notes *notes, LogLevel level);
