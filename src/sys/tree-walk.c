/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/tree-walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "sys/kernel.h"

/* A directory on the way down. */
typedef struct {
        Arena names_arena;
        StringList names;
        size_t next;
        dev_t device;
        ino_t inode;
} Level;

typedef struct {
        const TreeVisitor *visitor;
        Arena arena; /* owns the levels */
        Level *levels;
        size_t n_levels, n_levels_allocated;
} Walk;

static int call(const Walk *walk, TreeVisit visit, const TreeEntry *entry) {
        return visit ? visit(walk->visitor->userdata, entry) : 0;
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

/* Opens the parent of FD, which must be the directory PARENT that we came from. */
static int open_parent(const Level *parent, int fd) {
        const struct open_how how = {
                .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                .resolve = RESOLVE_NO_XDEV,
        };
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
        const Level *parent = &walk->levels[walk->n_levels - 2];
        CLEANUP_CLOSE int parent_fd = -EBADF;
        TreeEntry entry = { .name = parent->names.items[parent->next - 1], .fd = *fd };
        int r;

        pop_level(walk);
        parent_fd = open_parent(parent, *fd);
        if (parent_fd < 0)
                return parent_fd;
        if (fstat(*fd, &entry.st) < 0)
                return -errno;

        entry.parent_fd = parent_fd;
        r = call(walk, walk->visitor->leave, &entry);
        if (r < 0)
                return r;

        fd_close(*fd);
        *fd = TAKE_FD(parent_fd);
        return 0;
}

/* Visits NAME in the directory *FD; a directory becomes the new *FD. */
static int visit_name(Walk *walk, int *fd, const char *name) {
        CLEANUP_CLOSE int entry_fd = -EBADF;
        TreeEntry entry = { .parent_fd = *fd, .name = name };
        int r;

        entry_fd = open_entry(*fd, name, &entry.st);
        if (entry_fd == -EXDEV || entry_fd == -ENOENT)
                return 0;
        if (entry_fd < 0)
                return entry_fd;

        entry.fd = entry_fd;
        if (!S_ISDIR(entry.st.st_mode))
                return call(walk, walk->visitor->file, &entry);

        r = call(walk, walk->visitor->enter, &entry);
        if (r != 0)
                return r < 0 ? r : 0;
        r = push_level(walk, entry_fd, &entry.st);
        if (r < 0)
                return r;

        fd_close(*fd);
        *fd = TAKE_FD(entry_fd);
        return 0;
}

int tree_walk(int tree_fd, const TreeVisitor *visitor) {
        Walk walk = { .visitor = visitor };
        CLEANUP_CLOSE int fd = -EBADF;
        struct stat st;
        int r;

        fd = openat(tree_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;

        r = push_level(&walk, fd, &st);
        while (r >= 0) {
                Level *level = &walk.levels[walk.n_levels - 1];

                if (level->next < level->names.n_items)
                        r = visit_name(&walk, &fd, level->names.items[level->next++]);
                else if (walk.n_levels > 1)
                        r = leave_directory(&walk, &fd);
                else
                        break;
        }

        while (walk.n_levels > 0)
                pop_level(&walk);
        arena_done(&walk.arena);
        return r < 0 ? r : 0;
}
