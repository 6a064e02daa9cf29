/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/console-ring.h"

#include "base/macro.h"

ConsoleRing console_ring_new(Arena *arena) {
        return (ConsoleRing){ .data = arena_allocate(arena, CONSOLE_RING_SIZE) };
}

void console_ring_clear(ConsoleRing *ring) {
        ring->start = 0;
        ring->size = 0;
}

size_t console_ring_space(const ConsoleRing *ring) {
        return CONSOLE_RING_SIZE - ring->size;
}

char *console_ring_tail(ConsoleRing *ring, size_t *ret_size) {
        size_t end = (ring->start + ring->size) % CONSOLE_RING_SIZE;

        *ret_size = MIN_OF(CONSOLE_RING_SIZE - end, console_ring_space(ring));
        return ring->data + end;
}

void console_ring_add(ConsoleRing *ring, size_t size) {
        assert(size <= console_ring_space(ring));
        ring->size += size;
}

const char *console_ring_head(const ConsoleRing *ring, size_t *ret_size) {
        *ret_size = MIN_OF(CONSOLE_RING_SIZE - ring->start, ring->size);
        return ring->data + ring->start;
}

void console_ring_remove(ConsoleRing *ring, size_t size) {
        assert(size <= ring->size);
        ring->size -= size;
        /* An empty ring starts over: the next read gets all of the space in one piece. */
        ring->start = ring->size == 0 ? 0 : (ring->start + size) % CONSOLE_RING_SIZE;
}
