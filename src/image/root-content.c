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

/* Adds what is in one folder to what is in those above it. */
static void read_folder(int tree_fd, RootFacts *facts, Arena *arena) {
        CLEANUP_CLOSE int usr_fd = rootpath_open(tree_fd, "/usr", O_PATH | O_DIRECTORY, 0);

        facts->has_usr = facts->has_usr || usr_fd >= 0;
        facts->has_os_release = facts->has_os_release || is_regular(tree_fd, "/etc/os-release") ||
                                is_regular(tree_fd, "/usr/lib/os-release");
        if (!facts->machine_id)
                facts->machine_id = read_machine_id(arena, tree_fd);
        if (facts->architecture == ARCHITECTURE_UNKNOWN)
                facts->architecture = program_architecture(tree_fd);
}

int root_view(const Root *root) {
        return root->view_fd >= 0 ? root->view_fd : root->tree_fd;
}

void root_close_view(Root *root) {
        root->view_fd = fd_close(root->view_fd);
}

int root_read_content(Root *root, int data_fd, RootFacts *facts, Arena *arena) {
        int *fds = arena_allocate(arena, (root->n_layers + 2) * sizeof *fds);
        size_t n_fds = 0;
        int fd;

        if (data_fd >= 0)
                fds[n_fds++] = data_fd;
        fds[n_fds++] = root->tree_fd;
        for (size_t i = 0; i < root->n_layers; i++)
                fds[n_fds++] = root->layers[i].fd;

        fd = n_fds > 1 ? layers_show(fds, n_fds) : -EBADF;
        if (fd >= 0) {
                root->view_fd = fd;
                read_folder(fd, facts, arena);
                return 0;
        }

        /* Whoever may not mount cannot start anything either, but may want to know the plan. */
        if (n_fds > 1 && fd != -EPERM)
                return log_error_errno(fd, "Failed to look at '%s' and its layers", facts->path);
        for (size_t i = 0; i < n_fds; i++)
                read_folder(fds[i], facts, arena);
        return 0;
}
