/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/notes.h"

#include "base/text.h"

/* What was given may hold anything, and the line goes to a terminal. */
static void add(Notes *notes, Arena *arena, LogLevel level, const char *text) {
        notes->items = arena_grow(
                        arena, notes->items, notes->n_items, &notes->n_allocated, sizeof(Note));
        notes->items[notes->n_items++] =
                        (Note){ .level = level, .text = text_printable(arena, text) };
}

void notes_add(Notes *notes, Arena *arena, LogLevel level, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        add(notes, arena, level, arena_vprintf(arena, format, arguments));
        va_end(arguments);
}

int notes_fail(Notes *notes, Arena *arena, int r, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        add(notes, arena, LOG_ERROR, arena_vprintf(arena, format, arguments));
        va_end(arguments);
        return r;
}

void notes_print(const Notes *notes, LogLevel level) {
        for (size_t i = 0; i < notes->n_items; i++)
                if (notes->items[i].level <= level)
                        log_line(notes->items[i].level, notes->items[i].text);
}
