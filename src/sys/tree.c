/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The tree is walked twice, and no path is ever followed: each name is opened below the descriptor
 * of its directory, without following a link and without crossing into another mount.
 *
 *   1 count and shift   everything with one link is shifted at once; of files with more, the links
 *                       that are met are counted
 *   2 shift links       files all of whose links were met in 1; the others have one outside
 *
 * The second walk is left out if there is nothing to do in it. Both end in the top directory, which
 * is shifted after everything else.
 *
 * A directory is read to its end before anything is done in it, and is left through "..", compared
 * with where it was entered from: so the depth of the tree costs memory but no descriptors.
 */

#include "sys/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/macro.h"
#include "base/text.h"
#include "sys/kernel.h"
#include "sys/tree-entry.h"

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

/* A directory on the way down. */
typedef struct {
        Arena names_arena;
        StringList names;
        size_t next;
        dev_t device;
        ino_t inode;
} Level;

typedef enum {
        PASS_SINGLE,
        PASS_LINKED,
} Pass;

typedef struct {
        uint32_t base;
        Pass pass;
        LinkTable links;
        Arena arena; /* owns the levels and the links' slots */
        Level *levels;
        size_t n_levels, n_levels_allocated;
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

/* What the current pass does with the entry FD, which is no directory. */
static int visit_file(Walk *walk, int fd, const struct stat *st) {
        switch (walk->pass) {
        case PASS_SINGLE:
                if (st->st_nlink <= 1)
                        return tree_entry_shift(fd, st, walk->base);
                count_link(walk, st);
                return 0;
        case PASS_LINKED:
                /* On an overlay the change of the first name may leave the others with one link. */
                return all_links_met(&walk->links, st) ? tree_entry_shift(fd, st, walk->base) : 0;
        }

        return -EINVAL;
}

static int read_names(int fd, Level *level) {
        CLEANUP_CLOSE int dir_fd = -EBADF;
        CLEANUP_DIR DIR *dir = NULL;
        struct dirent *entry;

        dir_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME);
        if (dir_fd < 0)
                return -errno;
        dir = fdopendir(dir_fd);
        if (!dir)
                return -errno;
        TAKE_FD(dir_fd);

        for (;;) {
                errno = 0;
                entry = readdir(dir);
                if (!entry)
                        return -errno;
                if (!text_equal(entry->d_name, ".") && !text_equal(entry->d_name, ".."))
                        string_list_add(&level->names_arena, &level->names, entry->d_name);
        }
}

/* Goes down into the directory FD. */
static int push_level(Walk *walk, int fd, const struct stat *st) {
        Level level = { .device = st->st_dev, .inode = st->st_ino };
        int r;

        r = read_names(fd, &level);
        if (r < 0) {
                arena_done(&level.names_arena);
                return r;
        }

        walk->levels = arena_grow(&walk->arena, walk->levels, walk->n_levels,
                        &walk->n_levels_allocated, sizeof level);
        walk->levels[walk->n_levels++] = level;
        return 0;
}

static void pop_level(Walk *walk) {
        arena_done(&walk->levels[--walk->n_levels].names_arena);
}

/* Opens the parent of FD, which must be the directory that we came from. */
static int open_parent(const Walk *walk, int fd) {
        const struct open_how how = {
                .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                .resolve = RESOLVE_NO_XDEV,
        };
        const Level *parent = &walk->levels[walk->n_levels - 1];
        CLEANUP_CLOSE int parent_fd = -EBADF;
        struct stat st;

        parent_fd = kernel_openat2(fd, "..", &how);
        if (parent_fd < 0)
                return errno == EXDEV ? -ESTALE : -errno;
        if (fstat(parent_fd, &st) < 0)
                return -errno;
        if (st.st_dev != parent->device || st.st_ino != parent->inode)
                return -ESTALE;

        return TAKE_FD(parent_fd);
}

/* Opens NAME in the directory FD. -EXDEV: something is mounted there. */
static int open_entry(int fd, const char *name, struct stat *ret_st) {
        const struct open_how how = {
                .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_NO_XDEV,
        };
        CLEANUP_CLOSE int entry_fd = -EBADF;

        entry_fd = kernel_openat2(fd, name, &how);
        if (entry_fd < 0)
                return -errno;
        if (fstat(entry_fd, ret_st) < 0)
                return -errno;

        return TAKE_FD(entry_fd);
}

/* Leaves the directory *FD, done with all in it, for its parent. */
static int leave_directory(Walk *walk, int *fd) {
        struct stat st;
        int parent_fd, r;

        if (walk->pass == PASS_SINGLE) {
                if (fstat(*fd, &st) < 0)
                        return -errno;
                r = tree_entry_shift(*fd, &st, walk->base);
                if (r < 0)
                        return r;
        }

        pop_level(walk);
        parent_fd = open_parent(walk, *fd);
        if (parent_fd < 0)
                return parent_fd;

        fd_close(*fd);
        *fd = parent_fd;
        return 0;
}

/* Visits NAME in the directory *FD; a directory becomes the new *FD. */
static int visit(Walk *walk, int *fd, const char *name) {
        CLEANUP_CLOSE int entry_fd = -EBADF;
        struct stat st;
        int r;

        entry_fd = open_entry(*fd, name, &st);
        if (entry_fd == -EXDEV)
                return 0;
        if (entry_fd < 0)
                return entry_fd;
        if (!S_ISDIR(st.st_mode))
                return visit_file(walk, entry_fd, &st);

        r = push_level(walk, entry_fd, &st);
        if (r < 0)
                return r;

        fd_close(*fd);
        *fd = TAKE_FD(entry_fd);
        return 0;
}

/* Everything below TREE_FD in one pass. */
static int walk_tree(Walk *walk, int tree_fd, Pass pass) {
        CLEANUP_CLOSE int fd = -EBADF;
        struct stat st;
        int r;

        walk->pass = pass;
        fd = openat(tree_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;

        r = push_level(walk, fd, &st);
        while (r >= 0) {
                Level *level = &walk->levels[walk->n_levels - 1];

                if (level->next < level->names.n_items)
                        r = visit(walk, &fd, level->names.items[level->next++]);
                else if (walk->n_levels > 1)
                        r = leave_directory(walk, &fd);
                else
                        break;
        }

        while (walk->n_levels > 0)
                pop_level(walk);
        return r;
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
