/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/inner-folders.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "sys/rootpath.h"
#include "sys/tree.h"

StringList inner_folders_list(const Plan *plan, Arena *arena) {
        StringList list = { 0 };

        for (size_t i = 0; i < plan->n_mounts; i++) {
                const OverlayStep *overlay = plan->mounts[i].overlay;

                if (overlay && overlay->upper.is_inside)
                        string_list_add(arena, &list,
                                        path_join(arena, overlay->upper.path, overlay->work_name));
        }

        return list;
}

static int remove_folder(int root_fd, Arena *arena, const char *path) {
        CLEANUP_CLOSE int parent_fd =
                        rootpath_open(root_fd, path_parent(arena, path), O_PATH | O_DIRECTORY, 0);

        return parent_fd < 0 ? parent_fd : tree_remove(parent_fd, path_last(arena, path));
}

void inner_folders_remove(int tree_fd, const char *pivot, const StringList *folders) {
        CLEANUP_CLOSE int root_fd = -EBADF;
        Arena arena = { 0 };

        if (folders->n_items == 0)
                return;

        root_fd = rootpath_open(tree_fd, pivot ?: "/", O_PATH | O_DIRECTORY, 0);
        for (size_t i = 0; i < folders->n_items; i++) {
                int r = root_fd < 0 ? root_fd : remove_folder(root_fd, &arena, folders->items[i]);

                if (r < 0 && r != -ENOENT)
                        log_warning_errno(r, "Failed to remove '%s' from the tree, ignoring",
                                        folders->items[i]);
        }
        arena_done(&arena);
}

void inner_folders_sweep(const char *path, const char *pivot, const StringList *folders) {
        CLEANUP_CLOSE int tree_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (tree_fd >= 0)
                inner_folders_remove(tree_fd, pivot, folders);
}
