/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/new-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "image/progress.h"
#include "sys/subvolume.h"
#include "sys/tree-copy.h"

/* In the hidden folder: there nobody else can reach it, whatever its own mode. */
#define TREE_NAME "tree"

static int open_folder(int at_fd, const char *path, int flags) {
        int fd = openat(at_fd, path, flags | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

int new_tree_begin(const char *path, const char *hidden_name, NewTree *ret_tree) {
        NewTree *tree = ret_tree;
        const char *parent;

        *tree = NEW_TREE_NONE;
        tree->path = path_simplify(&tree->arena, path);
        tree->name = path_last(&tree->arena, tree->path);
        parent = path_parent(&tree->arena, tree->path);
        if (mkdir(parent, 0700) < 0 && errno != EEXIST)
                return log_error_errno(-errno, "Failed to make '%s'", parent);
        tree->staging.parent_fd = open_folder(AT_FDCWD, parent, O_PATH);
        if (tree->staging.parent_fd < 0)
                return log_error_errno(tree->staging.parent_fd, "Failed to open '%s'", parent);
        if (faccessat(tree->staging.parent_fd, tree->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
                log_error("'%s' exists already", path);
                return -EEXIST;
        }

        return upper_make_on_disk(&tree->staging, parent, hidden_name);
}

const char *new_tree_hidden_name(Arena *arena, const char *path, const char *suffix) {
        return arena_printf(arena, ".#%.200s.%s", path_last(arena, path), suffix);
}

static int copy(NewTree *tree, int from_fd, const char *from) {
        struct stat staging;
        Progress progress;
        int r;

        if (mkdirat(tree->staging.folder_fd, TREE_NAME, 0700) < 0 ||
                        fstat(tree->staging.folder_fd, &staging) < 0)
                return -errno;
        tree->tree_fd = open_folder(tree->staging.folder_fd, TREE_NAME, O_PATH | O_NOFOLLOW);
        if (tree->tree_fd < 0)
                return tree->tree_fd;

        progress_begin(&progress, from);
        r = tree_copy(from_fd, tree->tree_fd,
                        &(TreeCopyHow){
                                        .leave_out = &staging, /* FROM may be above it */
                                        .progress = progress_add,
                                        .userdata = &progress,
                        });
        return progress_end(&progress, r);
}

static int make_snapshot(NewTree *tree, int from_fd) {
        CLEANUP_CLOSE int fd = open_folder(from_fd, ".", O_RDONLY);
        int r;

        if (fd < 0)
                return fd;
        r = subvolume_snapshot(fd, tree->staging.folder_fd, TREE_NAME);
        if (r < 0)
                return r;

        tree->tree_fd = open_folder(tree->staging.folder_fd, TREE_NAME, O_PATH | O_NOFOLLOW);
        return tree->tree_fd < 0 ? tree->tree_fd : 0;
}

int new_tree_fill(NewTree *tree, int from_fd, const char *from) {
        int r;

        r = make_snapshot(tree, from_fd);
        if (r == -EOPNOTSUPP)
                r = copy(tree, from_fd, from);
        if (r < 0)
                return log_error_errno(r, "Failed to copy '%s' to '%s'", from, tree->path);

        return 0;
}

/* Without replacing anything that has come there meanwhile. */
static int put_in_place(const NewTree *tree) {
        const Upper *staging = &tree->staging;

        if (renameat2(staging->folder_fd, TREE_NAME, staging->parent_fd, tree->name,
                            RENAME_NOREPLACE) == 0)
                return 0;
        if (errno != EINVAL)
                return -errno;

        /* A file system that knows only the plain form, which replaces an empty folder at most. */
        if (renameat(staging->folder_fd, TREE_NAME, staging->parent_fd, tree->name) < 0)
                return -errno;
        return 0;
}

int new_tree_finish(NewTree *tree) {
        int r = 0;

        /* Or a host that goes down may leave the name with half of the data. */
        if (syncfs(tree->staging.folder_fd) < 0)
                r = -errno;
        if (r >= 0)
                r = put_in_place(tree);
        if (r < 0)
                return log_error_errno(r, "Failed to put '%s' in its place", tree->path);

        return TAKE_FD(tree->tree_fd);
}

void new_tree_done(NewTree *tree) {
        fd_close(tree->tree_fd);
        (void)upper_done(&tree->staging); /* logged */
        arena_done(&tree->arena);
        *tree = NEW_TREE_NONE;
}
