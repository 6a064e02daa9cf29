/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What has changed is read off what was written, held against the layers below: an overlay does not
 * say itself whether a file is new.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/id-range.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "image/changes.h"
#include "image/layers.h"
#include "sys/kernel.h"
#include "sys/overlay-mark.h"
#include "sys/tree-walk.h"

/* A directory that the walk is in. */
typedef struct {
        const char *path;  /* "" at the top */
        const char *below; /* what it is laid over, a path in the layers; NULL: nothing */
} Level;

typedef struct {
        const Changes *changes;
        Arena *arena;
        int below_fd; /* all layers without the changes */
        Level *levels;
        size_t n_levels, n_levels_allocated;
        Change *items;
        size_t n_items, n_items_allocated;
} List;

static const char *type_name(mode_t mode) {
        switch (mode & S_IFMT) {
        case S_IFREG:
                return "file";
        case S_IFDIR:
                return "directory";
        case S_IFLNK:
                return "link";
        case S_IFIFO:
                return "fifo";
        case S_IFSOCK:
                return "socket";
        default:
                return "device";
        }
}

/* Whether the layers have something at BELOW. In an overlay only directories lead on. */
static bool look_below(const List *list, const char *below, struct stat *ret_st) {
        const struct open_how how = {
                .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
        };
        CLEANUP_CLOSE int fd = -EBADF;

        if (!below)
                return false;
        fd = kernel_openat2(list->below_fd, below[0] == '\0' ? "." : below + 1, &how);
        return fd >= 0 && fstat(fd, ret_st) >= 0 && !overlay_is_whiteout(fd, ret_st);
}

static void add(List *list, ChangeKind kind, const char *path, mode_t mode, const char *from) {
        list->items = arena_grow(list->arena, list->items, list->n_items, &list->n_items_allocated,
                        sizeof *list->items);
        list->items[list->n_items++] = (Change){
                .kind = kind, .path = path, .type = type_name(mode), .from = from
        };
}

static const Level *current(const List *list) {
        return &list->levels[list->n_levels - 1];
}

static const char *join(const List *list, const char *folder, const char *name) {
        return folder ? arena_printf(list->arena, "%s/%s", folder, name) : NULL;
}

static int see_file(void *userdata, const TreeEntry *entry) {
        List *list = userdata;
        const char *path = join(list, current(list)->path, entry->name);
        struct stat below;
        bool is_below = look_below(list, join(list, current(list)->below, entry->name), &below);

        if (!overlay_is_whiteout(entry->fd, &entry->st))
                add(list, is_below ? CHANGE_CHANGED : CHANGE_ADDED, path, entry->st.st_mode, NULL);
        else if (is_below) /* else something was made and removed again */
                add(list, CHANGE_REMOVED, path, below.st_mode, NULL);
        return 0;
}

/* Each layer, and what is kept in memory, may have its owners in a range of its own; the overlay or
 * the payload's user namespace maps them. */
static bool is_same_owner(uint32_t a, uint32_t b) {
        return a % ID_RANGE_SIZE == b % ID_RANGE_SIZE;
}

static bool has_new_attributes(const struct stat *a, const struct stat *b) {
        return a->st_mode != b->st_mode || !is_same_owner(a->st_uid, b->st_uid) ||
               !is_same_owner(a->st_gid, b->st_gid);
}

/* Where a directory was before it was renamed: a name beside its old place's, or a path. NULL if
 * that cannot be. Source: Documentation/filesystems/overlayfs.rst. */
static const char *read_redirect(const List *list, int fd) {
        char text[PATH_MAX];

        if (overlay_read_mark(fd, "redirect", text, sizeof text) <= 0)
                return NULL;
        if (text[0] == '/')
                return path_is_normalized(text) ? arena_copy(list->arena, text) : NULL;

        return strchr(text, '/') ? NULL : join(list, current(list)->below, text);
}

static int enter_folder(void *userdata, const TreeEntry *entry) {
        List *list = userdata;
        Level level = {
                .path = join(list, current(list)->path, entry->name),
                .below = join(list, current(list)->below, entry->name),
        };
        struct stat below;
        const char *from = NULL;

        if (overlay_has_mark(entry->fd, "redirect"))
                level.below = from = read_redirect(list, entry->fd);

        if (!look_below(list, level.below, &below)) {
                add(list, CHANGE_ADDED, level.path, S_IFDIR, NULL);
                level.below = NULL;
        } else if (!S_ISDIR(below.st_mode) || overlay_has_mark(entry->fd, "opaque")) {
                add(list, CHANGE_REPLACED, level.path, S_IFDIR, NULL);
                level.below = NULL;
        } else if (from)
                add(list, CHANGE_MOVED, level.path, S_IFDIR, from);
        else if (has_new_attributes(&entry->st, &below))
                add(list, CHANGE_CHANGED, level.path, S_IFDIR, NULL);

        list->levels = arena_grow(list->arena, list->levels, list->n_levels,
                        &list->n_levels_allocated, sizeof *list->levels);
        list->levels[list->n_levels++] = level;
        return 0;
}

static int leave_folder(void *userdata, const TreeEntry *entry) {
        List *list = userdata;

        (void)entry; /* It is the last level. */
        list->n_levels--;
        return 0;
}

static int show_below(const Changes *changes) {
        size_t n = changes->layers.n_items;

        return n > 1 ? layers_show(changes->layer_fds, n)
                     : fcntl(changes->layer_fds[0], F_DUPFD_CLOEXEC, 3);
}

/* The walk does not visit the top. */
static int see_top(List *list) {
        const Changes *changes = list->changes;
        struct stat top, below;

        if (fstat(changes->data_fd, &top) < 0)
                return -errno;
        if (look_below(list, "", &below) && has_new_attributes(&top, &below))
                add(list, CHANGE_CHANGED, "/", S_IFDIR, NULL);
        return 0;
}

static int compare(const void *a, const void *b) {
        return strcmp(((const Change *)a)->path, ((const Change *)b)->path);
}

static int walk(List *list) {
        const TreeVisitor visitor = {
                .enter = enter_folder,
                .leave = leave_folder,
                .file = see_file,
                .userdata = list,
        };
        int r;

        r = see_top(list);
        return r < 0 ? r : tree_walk(list->changes->data_fd, &visitor);
}

int changes_list(Changes *changes, Change **ret_items, size_t *ret_n_items) {
        CLEANUP_CLOSE int below_fd = -EBADF;
        Level top = { .path = "", .below = "" };
        List list = { .changes = changes, .arena = &changes->arena, .levels = &top, .n_levels = 1 };
        int r;

        r = changes_open_layers(changes);
        if (r < 0)
                return r;
        if (changes->data_fd >= 0) {
                below_fd = show_below(changes);
                if (below_fd < 0)
                        return log_error_errno(below_fd,
                                        "Failed to show what '%s' was changed over", changes->path);
                list.below_fd = below_fd;
                r = walk(&list);
        }
        if (r < 0)
                return log_error_errno(r, "Failed to read '%s/data'", changes->path);

        if (list.n_items > 0)
                qsort(list.items, list.n_items, sizeof *list.items, compare);
        *ret_items = list.items;
        *ret_n_items = list.n_items;
        return 0;
}
