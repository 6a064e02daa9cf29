/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/parse.h"
#include "container/assemble.h"
#include "sys/mountfd.h"
#include "sys/rootpath.h"
#include "sys/uuid.h"

static int make_data(int parent_fd, const char *name, const FileStep *step) {
        CLEANUP_CLOSE int fd = -EBADF;

        fd = openat(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        step->mode);
        if (fd < 0)
                return -errno;

        return io_write_all(fd, step->content, step->size);
}

static int make_text(int parent_fd, const char *name, const char *text, mode_t mode) {
        return make_data(parent_fd, name,
                        &(FileStep){ .content = text, .size = strlen(text), .mode = mode });
}

static int make_random_uuid(int parent_fd, const char *name, mode_t mode) {
        uint8_t bytes[16];
        char line[38];
        int r;

        r = uuid_make_random(bytes);
        if (r < 0)
                return r;

        uuid_to_dashed(bytes, line);
        line[36] = '\n';
        line[37] = '\0';
        return make_text(parent_fd, name, line, mode);
}

/* bind() takes a path only: the parent is named by its descriptor, so no link can redirect it. */
static int make_socket(int parent_fd, const char *name, const FileStep *step, int *ret_socket_fd) {
        bool is_listener = step->kind == FILE_LISTENER;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        CLEANUP_CLOSE int fd = -EBADF;
        const int on = 1;

        if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s",
                            parent_fd, name) >= sizeof address.sun_path)
                return -ENAMETOOLONG;

        fd = socket(AF_UNIX,
                        (is_listener ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
                return -errno;
        if (is_listener ? listen(fd, SOMAXCONN) < 0
                        : setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
                return -errno;
        if (fchmodat(parent_fd, name, step->mode, 0) < 0)
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

/* Binds the host's own node where it is the one that is wanted. */
static int bind_node(int parent_fd, const char *name, const FileStep *step) {
        CLEANUP_CLOSE int node_fd = -EBADF, mount_fd = -EBADF, target_fd = -EBADF;
        struct stat st;

        node_fd = open(step->content ?: step->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (node_fd < 0 || fstat(node_fd, &st) < 0)
                return -errno;
        if ((st.st_mode & S_IFMT) != (step->mode & S_IFMT) || st.st_rdev != step->device)
                return -ENODEV;

        mount_fd = mountfd_clone(node_fd, "", /* recursive= */ false, MS_PRIVATE);
        if (mount_fd < 0)
                return mount_fd;
        target_fd = openat(parent_fd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        0444);
        if (target_fd < 0)
                return -errno;

        return mountfd_attach(mount_fd, target_fd);
}

static int make_node(int parent_fd, const char *name, const FileStep *step) {
        if (mknodat(parent_fd, name, step->mode, step->device) >= 0)
                return 0;
        if (errno != EPERM)
                return -errno;

        /* We are in a user namespace ourselves. Nodes of no device only serve as masks for others,
         * who do without. */
        return step->device == 0 ? 0 : bind_node(parent_fd, name, step);
}

static int find_base(const FileMaker *maker, const char *path, const char **ret_rest) {
        *ret_rest = path;
        return maker->container ? assemble_find_base(maker->container, path, ret_rest)
                                : maker->root_fd;
}

static int make_directory(const FileMaker *maker, const FileStep *step) {
        CLEANUP_CLOSE int fd = -EBADF;
        const char *rest;
        int base_fd = find_base(maker, step->path, &rest);

        fd = rootpath_make_directory(base_fd, rest, step->mode);
        return fd < 0 ? fd : 0;
}

/* The folder of PATH, borrowed from MAKER. */
static int open_folder(FileMaker *maker, const char *path, const char **ret_name) {
        const char *slash = strrchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : 0;

        if (maker->folder_fd < 0 || length != maker->folder_length ||
                        memcmp(path, maker->folder, length) != 0) {
                const char *rest;
                int base_fd = find_base(maker, path, &rest);

                file_maker_done(maker);
                maker->folder_fd = rootpath_make_parent(base_fd, rest, ret_name);
                maker->folder = path;
                maker->folder_length = length;
        } else
                *ret_name = path + length + 1;

        return maker->folder_fd;
}

void file_maker_done(FileMaker *maker) {
        maker->folder_fd = fd_close(maker->folder_fd);
}

static int
make_named(int root_fd, int parent_fd, const char *name, const FileStep *step, int *ret_socket_fd) {
        switch (step->kind) {
        case FILE_TEXT:
                return make_text(parent_fd, name, step->content, step->mode);
        case FILE_DATA:
                return make_data(parent_fd, name, step);
        case FILE_LINK:
                return make_link(root_fd, parent_fd, name, step);
        case FILE_NODE:
                return make_node(parent_fd, name, step);
        case FILE_FIFO:
                return mkfifoat(parent_fd, name, step->mode) < 0 ? -errno : 0;
        case FILE_SOCKET:
        case FILE_LISTENER:
                return make_socket(parent_fd, name, step, ret_socket_fd);
        case FILE_RANDOM_UUID:
                return make_random_uuid(parent_fd, name, step->mode);
        case FILE_DELETE:
                return unlinkat(parent_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
        case FILE_DIRECTORY:
        case FILE_KIND_MAX:
                break;
        }

        return -EINVAL;
}

/* By a rename: what is there is never opened or written to, since other names of it may lead out of
 * the tree. A temporary file that a killed run left has the same name and goes first. */
static int replace(int root_fd, int parent_fd, const char *name, const FileStep *step) {
        char temporary[NAME_MAX + 1];
        struct stat st;
        int r;

        if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                if (errno != ENOENT)
                        return -errno;
        } else if (!S_ISREG(st.st_mode) && !(step->flags & FILE_REPLACES_ALL))
                return -EEXIST;
        if ((size_t)snprintf(temporary, sizeof temporary, ".#%s.boot-tree", name) >=
                        sizeof temporary)
                return -ENAMETOOLONG;
        if (unlinkat(parent_fd, temporary, 0) < 0 && errno != ENOENT)
                return -errno;

        r = make_named(root_fd, parent_fd, temporary, step, NULL);
        if (r >= 0 && renameat(parent_fd, temporary, parent_fd, name) < 0)
                r = -errno;
        if (r < 0)
                (void)unlinkat(parent_fd, temporary, 0); /* or the next run does it */
        return r;
}

int assemble_file(FileMaker *maker, const FileStep *step, int *ret_socket_fd) {
        const char *name;
        int parent_fd;

        if (step->kind == FILE_DIRECTORY)
                return make_directory(maker, step);

        parent_fd = open_folder(maker, step->path, &name);
        if (parent_fd < 0)
                return parent_fd;
        if (step->flags & (FILE_REPLACES_FILE | FILE_REPLACES_ALL))
                return replace(maker->root_fd, parent_fd, name, step);

        return make_named(maker->root_fd, parent_fd, name, step, ret_socket_fd);
}
