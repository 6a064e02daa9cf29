/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "image/root.h"
#include "sys/tree.h"

/* Where folders go that a mount without a source is of. */
static const char TEMPORARY_FOLDER[] = "/var/tmp";

static const char *absolute_path(Arena *arena, const char *path) {
        CLEANUP_FREE char *here = NULL;

        if (path_is_absolute(path))
                return path_simplify(arena, path);

        here = get_current_dir_name();
        return path_simplify(arena, here ? path_join(arena, here, path) : path);
}

/* Opens PATH and looks at it; only the path is written down if that fails. */
static int open_source(Arena *arena, const char *path, SourceFacts *ret_facts) {
        SourceFacts facts = { .path = arena_copy(arena, path) };
        CLEANUP_CLOSE int fd = -EBADF;
        struct statx st;

        fd = open(path, O_PATH | O_CLOEXEC);
        if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) < 0) {
                facts.error = -errno;
                facts.real_path = absolute_path(arena, path);
                *ret_facts = facts;
                return -EBADF;
        }

        facts.real_path = root_real_path(arena, fd, absolute_path(arena, path));
        facts.mode = st.stx_mode;
        facts.device = makedev(st.stx_rdev_major, st.stx_rdev_minor);
        facts.uid = st.stx_uid;
        facts.gid = st.stx_gid;
        facts.is_exposed = S_ISDIR(facts.mode) && root_is_reachable(fd);
        facts.is_mount_point = st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
        *ret_facts = facts;
        return TAKE_FD(fd);
}

static const SourceFacts *find(const Facts *facts, const char *path) {
        for (size_t i = 0; i < facts->sources.n_items; i++)
                if (text_equal(facts->sources.items[i].path, path))
                        return &facts->sources.items[i];

        return NULL;
}

static void add_fd(Sources *sources, int fd) {
        sources->fds = arena_grow(&sources->arena, sources->fds, sources->n_fds,
                        &sources->n_allocated, sizeof *sources->fds);
        sources->fds[sources->n_fds++] = fd;
}

int sources_add(Facts *facts, Sources *sources, const char *path) {
        SourceList *list = &facts->sources;
        const SourceFacts *known = find(facts, path);

        if (known)
                return known->error;

        list->items = arena_grow(&facts->arena, list->items, list->n_items, &list->n_allocated,
                        sizeof *list->items);
        add_fd(sources, open_source(&facts->arena, path, &list->items[list->n_items++]));
        return list->items[list->n_items - 1].error;
}

static void add_spec(Facts *facts, Sources *sources, const MountSpec *spec) {
        for (size_t i = 0; i < spec->n_sources; i++) {
                const MountSource *source = &spec->sources[i];

                if (source->is_inside)
                        continue;
                sources_add(facts, sources, source->path ?: TEMPORARY_FOLDER);
        }

        /* What an overlay needs besides its upper folder lies beside that. */
        if (spec->kind == MOUNT_SPEC_OVERLAY && !spec->is_read_only) {
                const MountSource *upper = &spec->sources[spec->n_sources - 1];

                if (upper->path && !upper->is_inside)
                        sources_add(facts, sources,
                                        path_parent(&facts->arena,
                                                        find(facts, upper->path)->real_path));
        }
}

void sources_open(const Config *config, Facts *facts, Sources *sources) {
        for (size_t i = 0; i < config->mounts.n_items; i++)
                add_spec(facts, sources, &config->mounts.items[i]);
}

static int make_folder(const FolderStep *step, int parent_fd) {
        CLEANUP_CLOSE int fd = -EBADF;
        bool is_made;

        is_made = mkdirat(parent_fd, step->name, step->mode) >= 0;
        if (!is_made && (errno != EEXIST || !step->is_kept))
                return -errno;

        fd = openat(parent_fd, step->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && (!is_made || fchownat(fd, "", step->owner, step->group, AT_EMPTY_PATH) >= 0))
                return TAKE_FD(fd);

        fd_close(TAKE_FD(fd));
        if (is_made)
                (void)unlinkat(parent_fd, step->name, AT_REMOVEDIR); /* the errno is of before */
        return -errno;
}

/* Nothing is opened: a link is nobody's source. */
static int make_link(const FolderStep *step, int parent_fd) {
        struct stat st;

        if (fstatat(parent_fd, step->name, &st, AT_SYMLINK_NOFOLLOW) >= 0) {
                if (!S_ISLNK(st.st_mode))
                        return -EEXIST;
                if (unlinkat(parent_fd, step->name, 0) < 0)
                        return -errno;
        } else if (errno != ENOENT)
                return -errno;

        return symlinkat(step->link, parent_fd, step->name) < 0 ? -errno : 0;
}

int sources_make_folders(const Plan *plan, Sources *sources) {
        for (size_t i = 0; i < plan->n_folders; i++) {
                const FolderStep *step = &plan->folders[i];
                int parent_fd = sources->fds[step->parent_index];
                int r = step->link ? make_link(step, parent_fd) : make_folder(step, parent_fd);

                if (r < 0)
                        return log_error_errno(r, "Failed to make '%s'", step->path);
                add_fd(sources, step->link ? -EBADF : r);
                sources->n_folders_made++;
        }

        return 0;
}

void sources_sweep(Arena *arena, const StringList *folders) {
        for (size_t i = 0; i < folders->n_items; i++) {
                const char *path = folders->items[i];
                CLEANUP_CLOSE int parent_fd =
                                open(path_parent(arena, path), O_PATH | O_DIRECTORY | O_CLOEXEC);
                int r = parent_fd < 0 ? -errno : tree_remove(parent_fd, path_last(arena, path));

                if (r < 0 && r != -ENOENT)
                        log_warning_errno(r, "Failed to remove folder '%s', ignoring", path);
        }
}

void sources_done(const Plan *plan, Sources *sources) {
        for (size_t i = sources->n_folders_made; i > 0; i--) {
                const FolderStep *step = &plan->folders[i - 1];
                int r = step->is_kept ? 0
                                      : tree_remove(sources->fds[step->parent_index], step->name);

                if (r < 0 && r != -ENOENT)
                        log_warning_errno(r, "Failed to remove folder '%s', ignoring", step->path);
        }

        for (size_t i = 0; i < sources->n_fds; i++)
                fd_close(sources->fds[i]);
        arena_done(&sources->arena);
        *sources = SOURCES_NONE;
}
