/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* From the build: 16384, or 0 under a sanitizer. Then each allocation has a block of its own of
 * just its size, so that a write behind it is seen. */
enum { BLOCK_SIZE = ARENA_BLOCK_SIZE };

struct ArenaBlock {
        ArenaBlock *next;
        size_t used;
        size_t size;
        _Alignas(max_align_t) unsigned char data[];
};

static _Noreturn void out_of_memory(void) {
        static const char message[] = "boot-tree: Out of memory\n";

        /* The program is ending; there is nobody left to tell about a failed write. */
        if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
                _exit(EXIT_FAILURE);
        _exit(EXIT_FAILURE);
}

static ArenaBlock *block_new(size_t size) {
        ArenaBlock *block;

        if (BLOCK_SIZE > 0)
                size = MAX_OF(size, BLOCK_SIZE - sizeof(ArenaBlock));
        if (size > SIZE_MAX - sizeof *block)
                out_of_memory();
        block = calloc(1, sizeof *block + size);
        if (!block)
                out_of_memory();
        block->size = size;
        return block;
}

void *arena_allocate(Arena *arena, size_t size) {
        ArenaBlock *block = arena->blocks;
        size_t align = _Alignof(max_align_t);
        void *memory;

        if (size > SIZE_MAX - align)
                out_of_memory();
        if (BLOCK_SIZE > 0)
                size = (size + align - 1) / align * align;
        if (!block || BLOCK_SIZE == 0 || block->size - block->used < size) {
                block = block_new(size);
                block->next = arena->blocks;
                arena->blocks = block;
        }

        memory = block->data + block->used;
        block->used += size;
        return memory;
}

char *arena_copy(Arena *arena, const char *text) {
        return text ? arena_copy_n(arena, text, strlen(text)) : NULL;
}

char *arena_copy_n(Arena *arena, const char *text, size_t length) {
        char *copy = arena_allocate(arena, length + 1);

        memcpy(copy, text, length);
        return copy;
}

char *arena_vprintf(Arena *arena, const char *format, va_list arguments) {
        va_list again;
        char *text;
        int n;

        va_copy(again, arguments);
        n = vsnprintf(NULL, 0, format, again);
        va_end(again);
        if (n < 0)
                out_of_memory();

        text = arena_allocate(arena, (size_t)n + 1);
        (void)vsnprintf(text, (size_t)n + 1, format, arguments); /* Measured above: it fits. */
        return text;
}

char *arena_printf(Arena *arena, const char *format, ...) {
        va_list arguments;
        char *text;

        va_start(arguments, format);
        text = arena_vprintf(arena, format, arguments);
        va_end(arguments);
        return text;
}

void *arena_grow(Arena *arena, void *items, size_t n_items, size_t *n_allocated, size_t size) {
        void *larger;

        if (n_items < *n_allocated)
                return items;

        *n_allocated = *n_allocated == 0 ? 4 : *n_allocated * 2;
        if (size != 0 && *n_allocated > SIZE_MAX / size)
                out_of_memory();
        larger = arena_allocate(arena, *n_allocated * size);
        if (items)
                memcpy(larger, items, n_items * size);
        return larger;
}

void string_list_add(Arena *arena, StringList *list, const char *text) {
        /* One slot more than needed, so that the array always ends with NULL. */
        list->items = arena_grow(
                        arena, list->items, list->n_items + 1, &list->n_allocated, sizeof(char *));
        list->items[list->n_items++] = arena_copy(arena, text);
        list->items[list->n_items] = NULL;
}

void string_list_set_variable(Arena *arena, StringList *list, const char *assignment) {
        size_t name_length = strcspn(assignment, "=") + 1;

        for (size_t i = 0; i < list->n_items; i++)
                if (strncmp(list->items[i], assignment, name_length) == 0) {
                        list->items[i] = arena_copy(arena, assignment);
                        return;
                }

        string_list_add(arena, list, assignment);
}

void arena_done(Arena *arena) {
        while (arena->blocks) {
                ArenaBlock *block = arena->blocks;

                arena->blocks = block->next;
                free(block);
        }
}
