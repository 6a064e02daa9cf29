/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/group-usage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/parse.h"

/* The payload makes what is below its group: deeper than this it is not followed. */
enum { DEPTH_MAX = 32 };

static int open_group(int at_fd, const char *name) {
        int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* One line for each process. A threaded group's cannot be read: its parent has counted them. */
static uint64_t count_members(int group_fd) {
        CLEANUP_CLOSE int fd = openat(group_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
        char buffer[4096];
        uint64_t n_lines = 0;
        ssize_t n;

        while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
                for (ssize_t i = 0; i < n; i++)
                        n_lines += buffer[i] == '\n';

        return n_lines;
}

static uint64_t count_below(int group_fd, int depth) {
        CLEANUP_DIR DIR *dir = NULL;
        uint64_t n = count_members(group_fd);
        struct dirent *entry;
        int fd;

        if (depth >= DEPTH_MAX)
                return n;

        fd = open_group(group_fd, ".");
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                fd_close(fd);
                return n;
        }

        while ((entry = readdir(dir))) {
                CLEANUP_CLOSE int child_fd = -EBADF;

                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                child_fd = open_group(dirfd(dir), entry->d_name);
                if (child_fd >= 0) /* else it is gone meanwhile */
                        n += count_below(child_fd, depth + 1);
        }

        return n;
}

int group_count_processes(const char *group, uint64_t *ret_n_processes) {
        CLEANUP_CLOSE int fd = open_group(AT_FDCWD, group);

        if (fd < 0)
                return fd;

        *ret_n_processes = count_below(fd, 0);
        return 0;
}

int group_read_memory(const char *group, uint64_t *ret_bytes) {
        CLEANUP_CLOSE int fd = open_group(AT_FDCWD, group);
        char text[DECIMAL_MAX];
        ssize_t n;

        if (fd < 0)
                return fd;
        n = io_read_file(fd, "memory.current", text, sizeof text);
        if (n < 0)
                return (int)n;

        text[strcspn(text, "\n")] = '\0';
        return parse_u64(text, ret_bytes);
}
