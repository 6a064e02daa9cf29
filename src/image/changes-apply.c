/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What has changed becomes part of the tree, or of a new one, or is thrown away.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/id-range.h"
#include "base/log.h"
#include "base/text.h"
#include "image/changes.h"
#include "image/layers.h"
#include "image/new-tree.h"
#include "image/progress.h"
#include "image/tree-lock.h"
#include "image/upper.h"
#include "sys/tree-copy.h"
#include "sys/tree.h"

static int lock_layer(const Changes *changes, size_t i, bool shared, TreeLock *ret_lock) {
        int r;

        r = tree_lock(changes->layer_fds[i], changes->layers.items[i], shared,
                        /* globally= */ true, ret_lock);
        if (r == -EBUSY)
                log_error("Tree '%s' is in use", changes->layers.items[i]);
        return r;
}

static int merge(Changes *changes) {
        const char *tree = changes->layers.items[0];
        Progress progress;
        int r;

        progress_begin(&progress, changes->path);
        r = tree_copy(changes->data_fd, changes->layer_fds[0],
                        &(TreeCopyHow){
                                        .is_merge = true,
                                        .keeps_whiteouts = changes->layers.n_items > 1,
                                        .progress = progress_add,
                                        .userdata = &progress,
                        });
        r = progress_end(&progress, r);
        if (r < 0)
                return log_error_hint(r,
                                r == -EMEDIUMTYPE ? "it has been used with other overlay options; "
                                                    "a new tree can be made of it"
                                                  : "nothing is lost, try again",
                                "Failed to put '%s' into '%s'", changes->path, tree);

        return 0;
}

static int write_to_disk(const Changes *changes) {
        CLEANUP_CLOSE int fd =
                        openat(changes->layer_fds[0], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || syncfs(fd) < 0)
                return log_error_errno(
                                -errno, "Failed to write '%s' to disk", changes->layers.items[0]);
        return 0;
}

int changes_merge(Changes *changes) {
        TreeLock lock = TREE_LOCK_NONE;
        int r;

        r = changes_open_layers(changes);
        if (r < 0)
                return r;
        if (text_equal(changes->layers.items[0], "/")) {
                log_error("'%s' was changed over '/', which is in use by this system",
                                changes->path);
                return -EBUSY;
        }
        if (changes->data_fd < 0)
                return 0;

        r = lock_layer(changes, 0, /* shared= */ false, &lock);
        if (r >= 0)
                r = merge(changes);
        if (r >= 0)
                r = write_to_disk(changes); /* before what it came from is thrown away */
        tree_lock_done(&lock);
        return r;
}

/* An overlay maps its layers one by one; a copy of all has owners of one range. */
static int check_owners(const Changes *changes) {
        struct stat first, st;

        for (size_t i = 0; i < changes->layers.n_items; i++) {
                if (fstat(changes->layer_fds[i], &st) < 0)
                        return log_error_errno(
                                        -errno, "Failed to look at '%s'", changes->layers.items[i]);
                if (i == 0)
                        first = st;
                if (st.st_uid / ID_RANGE_SIZE == first.st_uid / ID_RANGE_SIZE)
                        continue;
                log_error("'%s' and '%s' have owners in different ranges of ids, so no tree can be "
                          "made of them",
                                changes->layers.items[0], changes->layers.items[i]);
                return -EOPNOTSUPP;
        }

        return 0;
}

/* All layers with the changes. */
static int show_all(const Changes *changes) {
        int fds[LAYERS_MAX + 1];
        size_t n_fds = 0;

        if (changes->data_fd >= 0)
                fds[n_fds++] = changes->data_fd;
        for (size_t i = 0; i < changes->layers.n_items; i++)
                fds[n_fds++] = changes->layer_fds[i];

        return n_fds > 1 ? layers_show(fds, n_fds) : fcntl(fds[0], F_DUPFD_CLOEXEC, 3);
}

static int copy(Changes *changes, const char *path, const char *hidden_name) {
        CLEANUP_CLOSE int fd = show_all(changes);
        NewTree tree = NEW_TREE_NONE;
        int r;

        if (fd < 0)
                return log_error_errno(fd, "Failed to show what '%s' looks like", changes->path);

        r = new_tree_begin(path, hidden_name, &tree);
        if (r >= 0)
                r = new_tree_fill(&tree, fd, changes->path);
        if (r >= 0)
                r = new_tree_finish(&tree);
        fd_close(r);
        new_tree_done(&tree);
        return r < 0 ? r : 0;
}

int changes_copy(Changes *changes, const char *path, const char *hidden_name) {
        TreeLock locks[LAYERS_MAX];
        size_t n_locks = 0;
        int r;

        r = changes_open_layers(changes);
        if (r >= 0)
                r = check_owners(changes);
        for (size_t i = 0; r >= 0 && i < changes->layers.n_items; i++) {
                locks[n_locks] = TREE_LOCK_NONE;
                r = lock_layer(changes, i, /* shared= */ true, &locks[n_locks++]);
        }
        if (r >= 0)
                r = copy(changes, path, hidden_name);
        for (size_t i = 0; i < n_locks; i++)
                tree_lock_done(&locks[i]);
        return r;
}

static int remove_part(const Changes *changes, const char *name) {
        int r = tree_remove(changes->folder_fd, name);

        if (r < 0 && r != -ENOENT)
                return log_error_errno(r, "Failed to remove '%s/%s'", changes->path, name);
        return 0;
}

int changes_reset(Changes *changes) {
        int r;

        /* A part of it would mean something else than all of it: it goes under another name first.
         * One that is there is what a killed run left. */
        r = remove_part(changes, UPPER_REMOVED);
        if (r >= 0 && renameat(changes->folder_fd, "data", changes->folder_fd, UPPER_REMOVED) < 0 &&
                        errno != ENOENT)
                r = log_error_errno(-errno, "Failed to rename '%s/data'", changes->path);
        if (r >= 0)
                r = remove_part(changes, UPPER_REMOVED);
        if (r >= 0)
                r = remove_part(changes, "work");
        if (r >= 0 && unlinkat(changes->folder_fd, "layers", 0) < 0 && errno != ENOENT)
                r = log_error_errno(-errno, "Failed to remove '%s/layers'", changes->path);
        return r;
}
