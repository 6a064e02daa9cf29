/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "sys/kernel.h"

int rootpath_open(int root_fd, const char *path, int flags, mode_t mode) {
        struct open_how how = {
                .flags = (unsigned)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
                .mode = mode,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        };
        int fd;

        /* RESOLVE_IN_ROOT answers -EAGAIN when something was renamed meanwhile: a hostile tree
         * may do that for ever, so the tries are bounded. */
        for (int tries = 0; tries < 64; tries++) {
                fd = kernel_openat2(root_fd, path, &how);
                if (fd >= 0 || errno != EAGAIN)
                        return fd < 0 ? -errno : fd;
        }

        return -EAGAIN;
}

int rootpath_open_file(int root_fd, const char *path) {
        CLEANUP_CLOSE int fd = -EBADF;
        struct stat st;

        /* O_NONBLOCK does not protect from devices with side effects on open: look first. */
        fd = rootpath_open(root_fd, path, O_PATH, 0);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADFD;

        fd_close(TAKE_FD(fd));
        fd = rootpath_open(root_fd, path, O_RDONLY | O_NONBLOCK, 0);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADFD;

        return TAKE_FD(fd);
}

ssize_t rootpath_read_file(int root_fd, const char *path, char *buffer, size_t size) {
        CLEANUP_CLOSE int fd = -EBADF;

        fd = rootpath_open_file(root_fd, path);
        if (fd < 0)
                return fd;

        return io_read_all(fd, buffer, size);
}

/* Makes the directory NAME below PARENT_FD and opens it; one that is there already will do. */
static int make_one(int root_fd, int parent_fd, const char *name, const char *path, mode_t mode) {
        int fd;

        if (mkdirat(parent_fd, name, mode) < 0 && errno != EEXIST)
                return -errno;

        fd = rootpath_open(root_fd, path, O_PATH | O_DIRECTORY, 0);
        return fd == -ENOENT ? -ELOOP : fd; /* It exists and leads nowhere: a dangling link. */
}

int rootpath_make_directory(int root_fd, const char *path, mode_t mode) {
        CLEANUP_CLOSE int parent_fd = -EBADF;
        const char *name;
        int fd;

        fd = rootpath_open(root_fd, path[0] ? path : "/", O_PATH | O_DIRECTORY, 0);
        if (fd != -ENOENT)
                return fd;

        parent_fd = rootpath_make_parent(root_fd, path, &name);
        if (parent_fd < 0)
                return parent_fd;

        return make_one(root_fd, parent_fd, name, path, mode);
}

int rootpath_make_parent(int root_fd, const char *path, const char **ret_name) {
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        char parent[PATH_MAX];
        size_t length = slash ? (size_t)(slash - path) : 0;
        int fd;

        if (name[0] == '\0')
                return -EISDIR;
        if (length >= sizeof parent)
                return -ENAMETOOLONG;
        memcpy(parent, path, length);
        parent[length] = '\0';

        fd = rootpath_make_directory(root_fd, parent, 0755);
        if (fd >= 0)
                *ret_name = name;
        return fd;
}

/* What the link PATH leads to, as a path below the root again. False if it is none. */
static bool follow_link(int root_fd, const char *path, char ret_path[static PATH_MAX]) {
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        size_t length = (size_t)(name - path);
        CLEANUP_CLOSE int parent_fd = -EBADF;
        char parent[PATH_MAX], link[PATH_MAX];
        ssize_t n;

        if (length + 2 > sizeof parent)
                return false;
        (void)snprintf(parent, sizeof parent, "%.*s.", (int)length, path);
        parent_fd = rootpath_open(root_fd, parent, O_PATH | O_DIRECTORY, 0);
        if (parent_fd < 0)
                return false;

        n = readlinkat(parent_fd, name, link, sizeof link - 1);
        if (n <= 0)
                return false;
        link[n] = '\0';
        return snprintf(ret_path, PATH_MAX, "%.*s%s", link[0] == '/' ? 0 : (int)length, path,
                               link) < PATH_MAX;
}

static int make_target(int root_fd, const char *path, bool is_directory) {
        CLEANUP_CLOSE int fd = -EBADF, parent_fd = -EBADF;
        const char *name;
        struct stat st;

        if (is_directory)
                return rootpath_make_directory(root_fd, path, 0755);

        fd = rootpath_open(root_fd, path, O_PATH, 0);
        if (fd == -ENOENT) {
                parent_fd = rootpath_make_parent(root_fd, path, &name);
                if (parent_fd < 0)
                        return parent_fd;
                fd = openat(parent_fd, name,
                                O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
                                0644);
                if (fd < 0)
                        return errno == EEXIST ? -ELOOP : -errno;
                fd_close(TAKE_FD(fd));
                fd = rootpath_open(root_fd, path, O_PATH, 0);
        }
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;

        return TAKE_FD(fd);
}

int rootpath_make_target(int root_fd, const char *path, bool is_directory) {
        enum { LINKS_MAX = 16 };
        char next[PATH_MAX], here[PATH_MAX];
        int fd;

        fd = make_target(root_fd, path, is_directory);
        for (int i = 0; fd == -ELOOP && i < LINKS_MAX; i++) {
                if (!follow_link(root_fd, path, next))
                        return -ELOOP;
                memcpy(here, next, sizeof here);
                path = here;
                fd = make_target(root_fd, path, is_directory);
        }

        return fd;
}
