/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A ring of bytes with a fixed size: what was read and cannot be written yet. It never grows, so a
 * full ring is what makes the reader stop, and with it whoever writes.
 */

#include <stddef.h>

#include "base/arena.h"

enum { CONSOLE_RING_SIZE = 32 * 1024 };

typedef struct {
        size_t start; /* index of the oldest byte */
        size_t size;  /* bytes held */
        char *data;   /* CONSOLE_RING_SIZE bytes in an arena; NULL: cannot hold any yet */
} ConsoleRing;

#define CONSOLE_RING_NONE ((ConsoleRing){ .data = NULL })

/* An empty ring with memory of ARENA. */
ConsoleRing console_ring_new(Arena *arena);

/* Forgets all bytes. */
void console_ring_clear(ConsoleRing *ring);

/* Bytes that can still be added. */
size_t console_ring_space(const ConsoleRing *ring);

/* The free bytes that follow the newest one without a wrap, and how many they are; 0 only if full.
 * Fill them from the front, then tell with console_ring_add(). */
char *console_ring_tail(ConsoleRing *ring, size_t *ret_size);
void console_ring_add(ConsoleRing *ring, size_t size);

/* The oldest bytes without a wrap, and how many they are; 0 only if empty. Those that are used up
 * are given back with console_ring_remove(). */
const char *console_ring_head(const ConsoleRing *ring, size_t *ret_size);
void console_ring_remove(ConsoleRing *ring, size_t size);
