/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The tree is walked twice:
 *
 *   1 count and shift   everything with one link is shifted at once; of files with more, the links
 *                       that are met are counted
 *   2 shift links       files all of whose links were met in 1; the others have one outside
 *
 * The second walk is left out if there is nothing to do in it. Both end in the top directory, which
 * is shifted after everything else.
 */

#include "sys/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/macro.h"
#include "base/text.h"
#include "sys/tree-entry.h"
#include "sys/tree-walk.h"

/* A file with more than one link, by device and inode. */
typedef struct {
        dev_t device;
        ino_t inode;
        nlink_t n_met; /* 0: this slot is free */
        nlink_t n_links;
} LinkedFile;

/* A hash table with open addressing; at most half of the slots are used. */
typedef struct {
        LinkedFile *slots;
        size_t n_slots;
        size_t n_files;
} LinkTable;

typedef enum {
        PASS_SINGLE,
        PASS_LINKED,
} Pass;

typedef struct {
        uint32_t base;
        Pass pass;
        LinkTable links;
        Arena arena; /* owns the links' slots */
} Walk;

static LinkedFile *find_slot(const LinkTable *table, dev_t device, ino_t inode) {
        struct {
                uint64_t device, inode;
        } key = { device, inode };
        size_t i = text_hash(&key, sizeof key) % table->n_slots;

        while (table->slots[i].n_met > 0 &&
                        (table->slots[i].device != device || table->slots[i].inode != inode))
                i = (i + 1) % table->n_slots;
        return &table->slots[i];
}

static void grow_table(LinkTable *table, Arena *arena) {
        LinkTable larger = { .n_slots = MAX_OF(table->n_slots * 2, (size_t)64) };

        larger.slots = arena_allocate(arena, larger.n_slots * sizeof *larger.slots);
        for (size_t i = 0; i < table->n_slots; i++)
                if (table->slots[i].n_met > 0) {
                        *find_slot(&larger, table->slots[i].device, table->slots[i].inode) =
                                        table->slots[i];
                        larger.n_files++;
                }
        *table = larger;
}

static void count_link(Walk *walk, const struct stat *st) {
        LinkTable *table = &walk->links;
        LinkedFile *file;

        if (table->n_files * 2 >= table->n_slots)
                grow_table(table, &walk->arena);

        file = find_slot(table, st->st_dev, st->st_ino);
        if (file->n_met == 0) {
                *file = (LinkedFile){ .device = st->st_dev, .inode = st->st_ino };
                table->n_files++;
        }
        file->n_met++;
        file->n_links = st->st_nlink;
}

static bool all_links_met(const LinkTable *table, const struct stat *st) {
        const LinkedFile *file =
                        table->n_slots > 0 ? find_slot(table, st->st_dev, st->st_ino) : NULL;

        return file && file->n_met > 0 && file->n_met == file->n_links;
}

static size_t count_linked_outside(const LinkTable *table) {
        size_t n = 0;

        for (size_t i = 0; i < table->n_slots; i++)
                if (table->slots[i].n_met > 0 && table->slots[i].n_met != table->slots[i].n_links)
                        n++;
        return n;
}

/* What the current pass does with what is no directory. */
static int visit_file(void *userdata, const TreeEntry *entry) {
        const struct stat *st = &entry->st;
        Walk *walk = userdata;

        switch (walk->pass) {
        case PASS_SINGLE:
                if (st->st_nlink <= 1)
                        return tree_entry_shift(entry->fd, st, walk->base);
                count_link(walk, st);
                return 0;
        case PASS_LINKED:
                /* On an overlay the change of the first name may leave the others with one link. */
                return all_links_met(&walk->links, st) ? tree_entry_shift(entry->fd, st, walk->base)
                                                       : 0;
        }

        return -EINVAL;
}

static int leave_directory(void *userdata, const TreeEntry *entry) {
        const Walk *walk = userdata;

        return walk->pass == PASS_SINGLE ? tree_entry_shift(entry->fd, &entry->st, walk->base) : 0;
}

/* Everything below TREE_FD in one pass. */
static int walk_tree(Walk *walk, int tree_fd, Pass pass) {
        const TreeVisitor visitor = {
                .leave = leave_directory,
                .file = visit_file,
                .userdata = walk,
        };

        walk->pass = pass;
        return tree_walk(tree_fd, &visitor);
}

int tree_shift_owners(int tree_fd, uint32_t base) {
        Walk walk = { .base = base };
        CLEANUP_CLOSE int top_fd = -EBADF;
        struct stat st;
        int r;

        if (base % TREE_RANGE_SIZE != 0 || base > UINT32_MAX - TREE_RANGE_SIZE)
                return -EINVAL;

        r = walk_tree(&walk, tree_fd, PASS_SINGLE);
        if (r >= 0 && walk.links.n_files > 0)
                r = walk_tree(&walk, tree_fd, PASS_LINKED);
        if (r >= 0) {
                top_fd = openat(tree_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
                r = top_fd < 0 || fstat(top_fd, &st) < 0 ? -errno
                                                         : tree_entry_shift(top_fd, &st, base);
        }
        if (r >= 0)
                r = (int)MIN_OF(count_linked_outside(&walk.links), (size_t)INT32_MAX);

        arena_done(&walk.arena);
        return r;
}
