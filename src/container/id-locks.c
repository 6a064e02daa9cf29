/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/id-locks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "sys/lock.h"

static void lock_path(uint32_t base, char ret_path[static 64]) {
        (void)snprintf(ret_path, 64, ID_LOCKS_FOLDER "/%u", base); /* always fits */
}

static int make_folder(void) {
        if ((mkdir("/run/systemd", 0755) < 0 && errno != EEXIST) ||
                        (mkdir(ID_LOCKS_FOLDER, 0755) < 0 && errno != EEXIST))
                return -errno;

        return 0;
}

static int take(IdLocks *locks, uint32_t base, bool exclusive) {
        char path[64];
        int fd, r;

        if (locks->n_items == ID_LOCKS_MAX)
                return -ENOSPC;

        r = make_folder();
        if (r < 0)
                return r;
        lock_path(base, path);
        fd = lock_acquire(AT_FDCWD, path, exclusive);
        if (fd < 0)
                return fd;

        locks->items[locks->n_items].base = base;
        locks->items[locks->n_items++].fd = fd;
        return 0;
}

int id_locks_take(IdLocks *locks, uint32_t base) {
        return take(locks, base, /* exclusive= */ true);
}

static bool has(const IdLocks *locks, uint32_t base) {
        for (size_t i = 0; i < locks->n_items; i++)
                if (locks->items[i].base == base)
                        return true;

        return false;
}

static void share_range(IdLocks *locks, const IdRange *range) {
        uint64_t end = (uint64_t)range->outside + range->count;
        uint32_t base = range->outside & ~(uint32_t)(ID_RANGE_SIZE - 1);
        int r = 0;

        if (base < ID_LOCKS_FIRST_BASE)
                base = ID_LOCKS_FIRST_BASE;
        for (; r != -ENOSPC && base < end && base <= ID_LOCKS_LAST_BASE; base += ID_RANGE_SIZE) {
                if (has(locks, base))
                        continue;
                r = take(locks, base, /* exclusive= */ false);
                if (r == -EBUSY)
                        log_warning("Another machine has the ids from %u on for itself: nothing "
                                    "keeps the two apart",
                                        base);
                else if (r < 0)
                        log_debug_errno(r, "Failed to lock the ids from %u on", base);
        }
}

void id_locks_share(IdLocks *locks, const IdRange *ranges, size_t n_ranges) {
        for (size_t i = 0; i < n_ranges; i++)
                share_range(locks, &ranges[i]);
}

void id_locks_drop(IdLocks *locks) {
        char path[64];

        locks->n_items--;
        lock_path(locks->items[locks->n_items].base, path);
        (void)lock_release(locks->items[locks->n_items].fd, AT_FDCWD, path);
}

void id_locks_done(IdLocks *locks) {
        while (locks->n_items > 0)
                id_locks_drop(locks);
}

const char *id_locks_to_text(const IdLocks *locks, Arena *arena) {
        const char *text = NULL;

        for (size_t i = 0; i < locks->n_items; i++)
                text = arena_printf(
                                arena, "%s%s%u", text ?: "", text ? " " : "", locks->items[i].base);
        return text;
}

void id_locks_sweep(Arena *arena, const char *text) {
        StringList words = text_split_words(arena, text ?: "", " ");

        for (size_t i = 0; i < words.n_items; i++) {
                IdLocks locks = { 0 };
                char path[64];
                uint32_t base;

                if (parse_u32(words.items[i], &base) < 0)
                        continue;
                lock_path(base, path);
                if (access(path, F_OK) == 0 && id_locks_take(&locks, base) >= 0)
                        id_locks_done(&locks);
        }
}
