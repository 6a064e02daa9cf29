/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One owner for many small allocations.
 *
 * Everything that hangs off a Config, a Facts or a Plan is allocated here and freed at once with
 * it, so those layers have no destructors and no ownership questions. Running out of memory ends
 * the program with a message (exit status 1): no layer could go on sensibly, and nothing on the
 * host has been touched while these records are built.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

typedef struct ArenaBlock ArenaBlock;

typedef struct {
        ArenaBlock *blocks; /* NULL: nothing allocated yet */
} Arena;

/* A growing list of strings, always terminated by NULL once something was added. */
typedef struct {
        const char **items; /* NULL while empty */
        size_t n_items;
        size_t n_allocated;
} StringList;

/* Returns SIZE zeroed bytes, aligned for any type; they live as long as ARENA. Never NULL. */
void *arena_allocate(Arena *arena, size_t size);

/* Copies TEXT (may be NULL: returns NULL) or its first LENGTH bytes. */
char *arena_copy(Arena *arena, const char *text);
char *arena_copy_n(Arena *arena, const char *text, size_t length);

/* Formats into the arena. */
char *arena_printf(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(Arena *arena, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

/* Makes room for one more element of SIZE bytes behind the N_ITEMS that ITEMS (NULL: no array yet)
 * holds, and returns the array to use from now on. The new element is zeroed. N_ALLOCATED is kept
 * up to date. */
void *arena_grow(Arena *arena, void *items, size_t n_items, size_t *n_allocated, size_t size);

/* Appends a copy of TEXT to LIST. */
void string_list_add(Arena *arena, StringList *list, const char *text);

/* Replaces the entry of the form NAME=… that has the same NAME as ASSIGNMENT, or appends. */
void string_list_set_variable(Arena *arena, StringList *list, const char *assignment);

/* Frees everything at once; ARENA may be used again. */
void arena_done(Arena *arena);
