/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/changes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "image/layers.h"

enum { LAYERS_TEXT_SIZE = 65536 };

static int open_folder(int at_fd, const char *path, int flags) {
        int fd = openat(at_fd, path, flags | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int open_all(Changes *changes) {
        size_t n = changes->layers.n_items;

        changes->layer_fds = arena_allocate(&changes->arena, (n + 1) * sizeof(int));
        for (size_t i = 0; i < n; i++)
                changes->layer_fds[i] = -EBADF;
        for (size_t i = 0; i < n; i++) {
                const char *path = changes->layers.items[i];
                int fd = changes->layer_fds[i] = open_folder(AT_FDCWD, path, O_PATH);

                if (fd < 0)
                        return log_error_errno(fd,
                                        "Failed to open '%s', which '%s' was changed over", path,
                                        changes->path);
        }

        return 0;
}

int changes_open_layers(Changes *changes) {
        char text[LAYERS_TEXT_SIZE];
        ssize_t n;

        n = io_read_file(changes->folder_fd, "layers", text, sizeof text);
        if (n < 0)
                return log_error_errno((int)n, "Failed to read '%s/layers'", changes->path);

        changes->layers = text_split_words(&changes->arena, text, "\n");
        if (changes->layers.n_items == 0 || changes->layers.n_items > LAYERS_MAX)
                return log_error_errno(-EBADMSG, "Failed to read '%s/layers'", changes->path);

        return open_all(changes);
}

int changes_open(const char *path, bool exclusively, Changes *ret_changes) {
        Changes *changes = ret_changes;

        *changes = CHANGES_NONE;
        changes->path = arena_copy(&changes->arena, path);
        changes->folder_fd = open_folder(AT_FDCWD, path, O_RDONLY);
        if (changes->folder_fd < 0)
                return log_error_errno(changes->folder_fd, "Failed to open '%s'", path);
        if (faccessat(changes->folder_fd, "layers", F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
                log_error("'%s' is not a folder that --upper= has filled", path);
                return -EBADFD;
        }
        if (exclusively && flock(changes->folder_fd, LOCK_EX | LOCK_NB) < 0) {
                log_error("'%s' is in use by a machine", path);
                return -EBUSY;
        }

        changes->data_fd = open_folder(changes->folder_fd, "data", O_PATH | O_NOFOLLOW);
        if (changes->data_fd < 0 && changes->data_fd != -ENOENT)
                return log_error_errno(changes->data_fd, "Failed to open '%s/data'", path);

        return 0;
}

void changes_done(Changes *changes) {
        for (size_t i = 0; changes->layer_fds && i < changes->layers.n_items; i++)
                fd_close(changes->layer_fds[i]);
        fd_close(changes->data_fd);
        fd_close(changes->folder_fd);
        arena_done(&changes->arena);
        *changes = CHANGES_NONE;
}
