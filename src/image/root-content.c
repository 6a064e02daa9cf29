/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a root has in it. Of several folders the kernel makes the view, as it will make the root: a
 * file can be in any of them, or be removed by one above.
 */

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "image/layers.h"
#include "image/program.h"
#include "image/root.h"
#include "sys/rootpath.h"

static bool is_regular(int tree_fd, const char *path) {
        CLEANUP_CLOSE int fd = rootpath_open_file(tree_fd, path);

        return fd >= 0;
}

static const char *read_machine_id(Arena *arena, int tree_fd) {
        char text[64];
        uint8_t uuid[16];
        ssize_t n = rootpath_read_file(tree_fd, "/etc/machine-id", text, sizeof text);

        if (n < 32)
                return NULL;
        text[32] = '\0';
        return parse_uuid(text, uuid) >= 0 ? arena_copy(arena, text) : NULL;
}

static void read_folder(int tree_fd, RootFacts *facts, Arena *arena) {
        CLEANUP_CLOSE int usr_fd = rootpath_open(tree_fd, "/usr", O_PATH | O_DIRECTORY, 0);

        facts->has_usr = usr_fd >= 0;
        facts->has_os_release = is_regular(tree_fd, "/etc/os-release") ||
                                is_regular(tree_fd, "/usr/lib/os-release");
        facts->machine_id = read_machine_id(arena, tree_fd);
        facts->architecture = program_architecture(tree_fd);
}

int root_view(const Root *root) {
        return root->view_fd >= 0 ? root->view_fd : root->tree_fd;
}

void root_close_view(Root *root) {
        root->view_fd = fd_close(root->view_fd);
}

/* The folders that the root is made of, the topmost first; in ARENA. */
static int *list_folders(const Root *root, int data_fd, Arena *arena, size_t *ret_n) {
        int *fds = arena_allocate(arena, (root->n_layers + 2) * sizeof *fds);
        size_t n = 0;

        if (data_fd >= 0)
                fds[n++] = data_fd;
        fds[n++] = root->tree_fd;
        for (size_t i = 0; i < root->n_layers; i++)
                fds[n++] = root->layers[i].fd;

        *ret_n = n;
        return fds;
}

static int pivot(Root *root, const char *to, const char *path) {
        int fd = rootpath_open(root_view(root), to, O_PATH | O_DIRECTORY, 0);

        if (fd < 0)
                return log_error_errno(fd, "Failed to open '%s' in tree '%s'", to, path);

        fd_close(root->view_fd);
        root->view_fd = fd;
        return 0;
}

int root_read_content(const Config *config,
                Root *root,
                int data_fd,
                RootFacts *facts,
                Arena *arena) {
        size_t n_fds;
        int *fds = list_folders(root, data_fd, arena, &n_fds), r;

        if (n_fds > 1) {
                root->view_fd = layers_show(fds, n_fds);
                /* Who may not mount cannot start anything either, but may want to know the plan. */
                if (root->view_fd == -EPERM)
                        root->view_fd = fcntl(root->tree_fd, F_DUPFD_CLOEXEC, 3);
                if (root->view_fd < 0)
                        return log_error_errno(root->view_fd,
                                        "Failed to look at '%s' and its layers", facts->path);
        }
        if (config->pivot_root.to) {
                r = pivot(root, config->pivot_root.to, facts->path);
                if (r < 0)
                        return r;
        }

        read_folder(root_view(root), facts, arena);
        return 0;
}
