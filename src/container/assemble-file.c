/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "container/assemble.h"
#include "sys/rootpath.h"

static int make_text(int parent_fd, const char *name, const FileStep *step) {
        CLEANUP_CLOSE int fd = -EBADF;

        fd = openat(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        step->mode);
        if (fd < 0)
                return -errno;

        return io_write_all(fd, step->content, strlen(step->content));
}

/* bind() takes a path only: the parent is named by its descriptor, so no link can redirect it. */
static int make_socket(int parent_fd, const char *name, mode_t mode, int *ret_socket_fd) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        CLEANUP_CLOSE int fd = -EBADF;
        const int on = 1;

        if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s",
                            parent_fd, name) >= sizeof address.sun_path)
                return -ENAMETOOLONG;

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
                return -errno;
        if (fchmodat(parent_fd, name, mode, 0) < 0)
                return -errno;

        fd_close(*ret_socket_fd);
        *ret_socket_fd = TAKE_FD(fd);
        return 0;
}

static int make_link(int root_fd, int parent_fd, const char *name, const FileStep *step) {
        if (step->needs) {
                CLEANUP_CLOSE int fd = rootpath_open(root_fd, step->needs, O_PATH, 0);

                if (fd < 0)
                        return 0;
        }

        if (symlinkat(step->content, parent_fd, name) < 0 && !(step->needs && errno == EEXIST))
                return -errno;

        return 0;
}

static int make_directory(int root_fd, const FileStep *step) {
        CLEANUP_CLOSE int fd = rootpath_make_directory(root_fd, step->path, step->mode);

        return fd < 0 ? fd : 0;
}

int assemble_file(int root_fd, const FileStep *step, int *ret_socket_fd) {
        CLEANUP_CLOSE int parent_fd = -EBADF;
        const char *name;

        if (step->kind == FILE_DIRECTORY)
                return make_directory(root_fd, step);

        parent_fd = rootpath_make_parent(root_fd, step->path, &name);
        if (parent_fd < 0)
                return parent_fd;

        switch (step->kind) {
        case FILE_TEXT:
                return make_text(parent_fd, name, step);
        case FILE_LINK:
                return make_link(root_fd, parent_fd, name, step);
        case FILE_NODE:
                return mknodat(parent_fd, name, step->mode, step->device) < 0 ? -errno : 0;
        case FILE_FIFO:
                return mkfifoat(parent_fd, name, step->mode) < 0 ? -errno : 0;
        case FILE_SOCKET:
                return make_socket(parent_fd, name, step->mode, ret_socket_fd);
        case FILE_DIRECTORY:
        case FILE_KIND_MAX:
                break;
        }

        return -EINVAL;
}
