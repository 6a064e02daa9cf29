/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/path.h"
#include "base/text.h"
#include "sys/process.h"

enum { CONTROL_FILE_SIZE = 4096 };

static int open_group(const char *group) {
        int fd = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : fd;
}

/* The mount point of the first cgroup2 file system in mountinfo, which is the oldest one. */
static int find_mount(Arena *arena, const char **ret_mount) {
        CLEANUP_FILE FILE *file = fopen("/proc/self/mountinfo", "re");
        CLEANUP_FREE char *line = NULL;
        size_t size = 0;

        if (!file)
                return -errno;

        while (getline(&line, &size, file) > 0) {
                const char *type = strstr(line, " - ");
                StringList fields;

                if (!type || !text_after(type + 3, "cgroup2 "))
                        continue;
                fields = text_split_words(arena, line, " \n");
                if (fields.n_items < 5)
                        continue;
                *ret_mount = fields.items[4];
                return 0;
        }

        return -ENOENT;
}

int cgroup_of_process(Arena *arena, pid_t pid, const char **ret_path) {
        char path[64];
        CLEANUP_FILE FILE *file = NULL;
        CLEANUP_FREE char *line = NULL;
        size_t size = 0;

        if (pid == 0)
                strcpy(path, "/proc/self/cgroup");
        else
                (void)snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid); /* always fits */
        file = fopen(path, "re");
        if (!file)
                return -errno;

        while (getline(&line, &size, file) > 0) {
                const char *group = text_after(line, "0::");

                if (!group)
                        continue;
                *ret_path = arena_copy_n(arena, group, strcspn(group, "\n"));
                return 0;
        }

        return -ENOENT;
}

int cgroup_find(Arena *arena, CgroupTree *ret_tree) {
        CgroupTree tree;
        const char *own;
        struct statvfs st;
        int r;

        /* The usual place first: reading mountinfo takes longer than everything else here. */
        if (access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0)
                tree.mount = "/sys/fs/cgroup";
        else if (access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0)
                tree.mount = "/sys/fs/cgroup/unified";
        else {
                r = find_mount(arena, &tree.mount);
                if (r < 0)
                        return r;
        }

        r = cgroup_of_process(arena, 0, &own);
        if (r < 0)
                return r;
        /* "/../x": we are outside of what the mount shows. */
        if (text_after(own, "/.."))
                return -ENOENT;
        tree.own = path_join(arena, tree.mount, own);
        if (statvfs(tree.mount, &st) < 0)
                return -errno;
        tree.is_writable = !(st.f_flag & ST_RDONLY);

        *ret_tree = tree;
        return 0;
}

static ssize_t read_control(const char *group, const char *file, char buffer[CONTROL_FILE_SIZE]) {
        CLEANUP_CLOSE int fd = open_group(group);

        return fd < 0 ? fd : io_read_file(fd, file, buffer, CONTROL_FILE_SIZE);
}

bool cgroup_has_members(const char *group) {
        char buffer[CONTROL_FILE_SIZE];
        ssize_t n = read_control(group, "cgroup.procs", buffer);

        return n > 0 || n == -EFBIG;
}

bool cgroup_has_controllers_enabled(const char *group) {
        char buffer[CONTROL_FILE_SIZE];

        return read_control(group, "cgroup.subtree_control", buffer) > 1;
}

static bool is_populated(int group_fd) {
        char buffer[CONTROL_FILE_SIZE];

        return io_read_file(group_fd, "cgroup.events", buffer, sizeof buffer) > 0 &&
               strstr(buffer, "populated 1");
}

/* Writes SIGN and the name of each controller in the file LIST to subtree_control, one by one: a
 * single refusal must not cost the others. -EBUSY if any was refused for members. */
static int switch_controllers(const char *group, const char *list, char sign) {
        char buffer[CONTROL_FILE_SIZE], request[64], *rest = buffer, *controller;
        CLEANUP_CLOSE int fd = open_group(group);
        bool is_busy = false;
        ssize_t n;

        if (fd < 0)
                return fd;
        n = io_read_file(fd, list, buffer, sizeof buffer);
        if (n < 0)
                return (int)n;

        while ((controller = strsep(&rest, " \n"))) {
                if (controller[0] == '\0')
                        continue;
                (void)snprintf(request, sizeof request, "%c%s", sign, controller);
                if (io_write_file(fd, "cgroup.subtree_control", request) == -EBUSY)
                        is_busy = true;
        }

        return is_busy ? -EBUSY : 0;
}

int cgroup_enable_controllers(const char *group) {
        return switch_controllers(group, "cgroup.controllers", '+');
}

void cgroup_disable_controllers(const char *group) {
        (void)switch_controllers(group, "cgroup.subtree_control", '-'); /* as far as they let go */
}

bool cgroup_has_only(const char *group, pid_t pid) {
        char buffer[CONTROL_FILE_SIZE], own[DECIMAL_MAX];

        (void)snprintf(own, sizeof own, "%d\n", (int)pid); /* always fits */
        return read_control(group, "cgroup.procs", buffer) > 0 && text_equal(buffer, own);
}

int cgroup_make(const char *group) {
        if (mkdir(group, 0755) < 0 && errno != EEXIST)
                return -errno;

        return 0;
}

int cgroup_attach(const char *group, pid_t pid) {
        CLEANUP_CLOSE int fd = open_group(group);
        char text[DECIMAL_MAX];

        if (fd < 0)
                return fd;

        (void)snprintf(text, sizeof text, "%d", (int)pid); /* always fits */
        return io_write_file(fd, "cgroup.procs", text);
}

int cgroup_delegate(const char *group, uid_t id) {
        /* What the kernel lists in /sys/kernel/cgroup/delegate, less the limits of the group
         * itself: memory.oom.group and memory.reclaim are the payload's own business. */
        static const char *const files[] = {
                "cgroup.procs",
                "cgroup.threads",
                "cgroup.subtree_control",
                "memory.reclaim",
                "memory.oom.group",
                "cgroup.controllers",
                "cgroup.events",
                "cgroup.stat",
        };
        CLEANUP_CLOSE int fd = open_group(group);

        if (fd < 0)
                return fd;
        if (fchownat(fd, "", id, id, AT_EMPTY_PATH) < 0)
                return -errno;

        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                if (fchownat(fd, files[i], id, id, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
                        return -errno;

        return 0;
}

int cgroup_kill(const char *group, int timeout_ms) {
        uint64_t deadline_us = clock_monotonic_us() + (uint64_t)timeout_ms * USEC_PER_MSEC;
        CLEANUP_CLOSE int fd = open_group(group), events_fd = -EBADF;
        int r;

        if (fd == -ENOENT)
                return 0;
        if (fd < 0)
                return fd;
        if (!is_populated(fd))
                return 0; /* The usual case; writing would wait for a lock of the whole kernel. */

        r = io_write_file(fd, "cgroup.kill", "1");
        if (r < 0)
                return r;

        /* The kernel notifies pollers of cgroup.events when the last process is gone. */
        events_fd = openat(fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
        if (events_fd < 0)
                return -errno;
        while (is_populated(fd)) {
                struct pollfd poll_fd = { .fd = events_fd, .events = POLLPRI };
                char drain[CONTROL_FILE_SIZE];

                if (clock_poll_timeout(deadline_us) == 0)
                        return -ETIMEDOUT;
                if (poll(&poll_fd, 1, MIN_OF(clock_poll_timeout(deadline_us), 100)) < 0 &&
                                errno != EINTR)
                        return -errno;
                (void)pread(events_fd, drain, sizeof drain, 0); /* re-arms the notification */
        }

        return 0;
}

/* Depth is bounded by the kernel's cgroup.max.depth or by PATH_MAX. */
static int remove_children(int group_fd) {
        CLEANUP_DIR DIR *dir = NULL;
        struct dirent *entry;
        int fd, r = 0;

        fd = openat(group_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        dir = fdopendir(fd);
        if (!dir) {
                fd_close(fd);
                return -ENOMEM;
        }

        while ((entry = readdir(dir))) {
                CLEANUP_CLOSE int child_fd = -EBADF;

                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                child_fd = openat(dirfd(dir), entry->d_name,
                                O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (child_fd < 0)
                        continue; /* gone meanwhile */
                r = remove_children(child_fd) ?: r;
                if (unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) < 0 && errno != ENOENT)
                        r = -errno;
        }

        return r;
}

int cgroup_remove(const char *group) {
        CLEANUP_CLOSE int fd = open_group(group);
        int r;

        if (fd == -ENOENT)
                return 0;
        if (fd < 0)
                return fd;

        r = remove_children(fd);
        if (rmdir(group) < 0 && errno != ENOENT)
                return r < 0 ? r : -errno;

        return 0;
}

int cgroup_make_new(const char *group) {
        CLEANUP_CLOSE int fd = -EBADF;
        int r;

        if (mkdir(group, 0755) == 0)
                return 0;
        if (errno != EEXIST)
                return -errno;

        fd = open_group(group);
        if (fd >= 0 && is_populated(fd))
                return -EBUSY;
        r = cgroup_remove(group);
        if (r < 0)
                return r;

        return mkdir(group, 0755) < 0 ? -errno : 0;
}
