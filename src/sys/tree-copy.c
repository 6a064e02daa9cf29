/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The source is walked; the copy follows it in step: on the way down a directory is made and
 * entered, on the way up it gets its times and is left through "..", compared with where it was
 * entered from.
 *
 * Files with several links are kept in a folder of their own until the end, one name for each, from
 * which all further links are made: no table in memory, whatever their number.
 */

#include "sys/tree-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "sys/file-copy.h"
#include "sys/kernel.h"
#include "sys/overlay-mark.h"
#include "sys/tree-walk.h"
#include "sys/tree.h"

#define LINKS_FOLDER ".#boot-tree-links"

typedef struct {
        dev_t device;
        ino_t inode;
} Place;

typedef struct {
        const TreeCopyHow *how;
        int top_fd;
        int links_fd; /* -EBADF until the first file with several links */
        int fd;       /* the directory of the copy that the walk is in */
        Arena arena;
        Place *places; /* of the directories above FD */
        size_t n_places, n_places_allocated;
} Copy;

static int open_folder(int at_fd, const char *name) {
        int fd = openat(at_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int tell(Copy *copy, unsigned n_files, uint64_t n_bytes) {
        return copy->how->progress ? copy->how->progress(copy->how->userdata, n_files, n_bytes) : 0;
}

static int tell_bytes(void *userdata, uint64_t n_bytes) {
        return tell(userdata, 0, n_bytes);
}

static OverlayMarks marks_of(const TreeCopyHow *how, bool is_folder) {
        if (!how->is_merge)
                return MARKS_ALL;

        return is_folder && how->keeps_whiteouts ? MARKS_OPAQUE : MARKS_NONE;
}

static int remove_target(int at_fd, const char *name) {
        int r;

        if (unlinkat(at_fd, name, 0) == 0 || errno == ENOENT)
                return 0;

        r = tree_remove(at_fd, name);
        return r == -ENOENT ? 0 : r;
}

static int make_file(Copy *copy, const TreeEntry *entry) {
        CLEANUP_CLOSE int from_fd = -EBADF, to_fd = -EBADF;
        char path[32];
        int r;

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", entry->fd); /* always fits */
        from_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOATIME);
        if (from_fd < 0)
                return -errno;
        to_fd = openat(copy->fd, entry->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        0600);
        if (to_fd < 0)
                return -errno;

        r = file_copy_data(from_fd, to_fd, tell_bytes, copy);
        return r;
}

static int make_link(Copy *copy, const TreeEntry *entry) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(entry->fd, "", target, sizeof target - 1);

        if (n < 0)
                return -errno;

        target[n] = '\0';
        return symlinkat(target, copy->fd, entry->name) < 0 ? -errno : 0;
}

static int make(Copy *copy, const TreeEntry *entry) {
        const struct stat *st = &entry->st;
        CLEANUP_CLOSE int fd = -EBADF;
        int r;

        if (S_ISREG(st->st_mode))
                r = make_file(copy, entry);
        else if (S_ISLNK(st->st_mode))
                r = make_link(copy, entry);
        else
                r = mknodat(copy->fd, entry->name, (st->st_mode & S_IFMT) | 0600, st->st_rdev) < 0
                                    ? -errno
                                    : 0;
        if (r < 0)
                return r;

        fd = openat(copy->fd, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = file_copy_attributes(entry->fd, st, fd, marks_of(copy->how, /* is_folder= */ false));
        if (r < 0)
                return r;

        return file_copy_times(st, fd);
}

static int open_links(Copy *copy) {
        if (copy->links_fd >= 0)
                return 0;

        if (mkdirat(copy->top_fd, LINKS_FOLDER, 0700) < 0)
                return -errno;
        copy->links_fd = open_folder(copy->top_fd, LINKS_FOLDER);
        return copy->links_fd < 0 ? copy->links_fd : 0;
}

/* A file with several links: made once, linked from then on. */
static int make_linked(Copy *copy, const TreeEntry *entry) {
        char name[64];
        int r;

        r = open_links(copy);
        if (r < 0)
                return r;

        (void)snprintf(name, sizeof name, "%jx-%jx", (uintmax_t)entry->st.st_dev,
                        (uintmax_t)entry->st.st_ino); /* always fits */
        if (linkat(copy->links_fd, name, copy->fd, entry->name, 0) == 0)
                return 0;
        if (errno != ENOENT)
                return -errno;

        r = make(copy, entry);
        if (r < 0)
                return r;
        return linkat(copy->fd, entry->name, copy->links_fd, name, 0) < 0 ? -errno : 0;
}

static int visit_file(void *userdata, const TreeEntry *entry) {
        Copy *copy = userdata;
        bool is_merge = copy->how->is_merge;
        int r = 0;

        if (is_merge && overlay_has_mark(entry->fd, "metacopy"))
                return -EMEDIUMTYPE;
        if (is_merge)
                r = remove_target(copy->fd, entry->name);
        if (r < 0)
                return r;
        if (is_merge && overlay_is_whiteout(entry->fd, &entry->st)) {
                if (copy->how->keeps_whiteouts &&
                                mknodat(copy->fd, entry->name, S_IFCHR, makedev(0, 0)) < 0)
                        return -errno;
                return 0;
        }

        r = entry->st.st_nlink > 1 ? make_linked(copy, entry) : make(copy, entry);
        return r < 0 ? r : tell(copy, 1, 0);
}

/* Makes sure that NAME is a directory of the copy; one that is there is kept. */
static int make_folder(Copy *copy, const TreeEntry *entry) {
        struct stat st;
        int r;

        if (!copy->how->is_merge)
                return mkdirat(copy->fd, entry->name, 0700) < 0 ? -errno : 0;

        if (overlay_has_mark(entry->fd, "redirect"))
                return -EMEDIUMTYPE;
        if (fstatat(copy->fd, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) &&
                        !overlay_has_mark(entry->fd, "opaque"))
                return 0;

        r = remove_target(copy->fd, entry->name);
        if (r < 0)
                return r;
        return mkdirat(copy->fd, entry->name, 0700) < 0 ? -errno : 0;
}

static bool is_same(const struct stat *a, const struct stat *b) {
        return a && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int enter_folder(void *userdata, const TreeEntry *entry) {
        Copy *copy = userdata;
        struct stat st;
        int r, fd;

        if (is_same(copy->how->leave_out, &entry->st))
                return 1;
        if (fstat(copy->fd, &st) < 0)
                return -errno;
        r = make_folder(copy, entry);
        if (r < 0)
                return r;
        fd = open_folder(copy->fd, entry->name);
        if (fd < 0)
                return fd;

        copy->places = arena_grow(&copy->arena, copy->places, copy->n_places,
                        &copy->n_places_allocated, sizeof *copy->places);
        copy->places[copy->n_places++] = (Place){ st.st_dev, st.st_ino };
        fd_close(copy->fd);
        copy->fd = fd;
        return file_copy_attributes(
                        entry->fd, &entry->st, fd, marks_of(copy->how, /* is_folder= */ true));
}

static int leave_folder(void *userdata, const TreeEntry *entry) {
        const struct open_how how = {
                .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                .resolve = RESOLVE_NO_XDEV,
        };
        Copy *copy = userdata;
        const Place *place = &copy->places[--copy->n_places];
        struct stat st;
        int r, fd;

        r = file_copy_times(&entry->st, copy->fd);
        if (r < 0)
                return r;
        fd = kernel_openat2(copy->fd, "..", &how);
        if (fd < 0)
                return -errno;
        fd_close(copy->fd);
        copy->fd = fd;
        if (fstat(fd, &st) < 0)
                return -errno;

        if (st.st_dev != place->device || st.st_ino != place->inode)
                return -ESTALE;
        return tell(copy, 1, 0);
}

int tree_copy(int from_fd, int to_fd, const TreeCopyHow *how) {
        Copy copy = { .how = how, .top_fd = to_fd, .links_fd = -EBADF };
        const TreeVisitor visitor = {
                .enter = enter_folder,
                .leave = leave_folder,
                .file = visit_file,
                .userdata = &copy,
        };
        struct stat st;
        int r;

        r = remove_target(to_fd, LINKS_FOLDER); /* of a merge that was killed */
        if (r < 0)
                return r;
        copy.fd = open_folder(to_fd, ".");
        if (copy.fd < 0)
                return copy.fd;

        r = fstat(from_fd, &st) < 0 ? -errno : tree_walk(from_fd, &visitor);
        if (copy.links_fd >= 0) {
                int removed = tree_remove(to_fd, LINKS_FOLDER);

                r = r < 0 ? r : removed;
        }
        if (r >= 0)
                r = file_copy_attributes(from_fd, &st, to_fd, marks_of(how, /* is_folder= */ true));
        if (r >= 0)
                r = file_copy_times(&st, to_fd);

        fd_close(copy.links_fd);
        fd_close(copy.fd);
        arena_done(&copy.arena);
        return r;
}
