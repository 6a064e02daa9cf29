/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/manager.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "container/record.h"

/* 1 if process PID has the file open that ST stands for, 0 if not, or -errno. */
static int has_open(pid_t pid, const struct stat *st) {
        CLEANUP_DIR DIR *dir = NULL;
        struct dirent *entry;
        char path[64];

        (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid); /* Always fits. */
        dir = opendir(path);
        if (!dir)
                return -errno;

        while ((entry = readdir(dir))) {
                struct stat open_file;

                if (entry->d_name[0] != '.' &&
                                fstatat(dirfd(dir), entry->d_name, &open_file, 0) == 0 &&
                                open_file.st_dev == st->st_dev && open_file.st_ino == st->st_ino)
                        return 1;
        }

        return 0;
}

static int load_manager(const char *name, pid_t *ret_pid) {
        Arena arena = { 0 };
        RecordFields fields;
        bool is_running = false;
        int64_t pid = 0;
        int r;

        r = record_load(&arena, name, &fields, &is_running);
        if (r >= 0)
                pid = fields.manager;
        arena_done(&arena);
        if (r < 0)
                return r;
        if (!is_running)
                return -ENOENT;
        if (pid <= 1 || pid > INT32_MAX)
                return -EBADMSG;

        *ret_pid = (pid_t)pid;
        return 0;
}

int manager_open(const char *name, Process *ret_manager) {
        CLEANUP_CLOSE int pidfd = -EBADF;
        char path[256];
        struct stat lock;
        Process manager;
        int r;

        r = load_manager(name, &manager.pid);
        if (r < 0)
                return r;
        if ((size_t)snprintf(path, sizeof path, RECORD_FOLDER "/%s/lock", name) >= sizeof path)
                return -ENAMETOOLONG;
        if (stat(path, &lock) < 0)
                return -errno;

        pidfd = pidfd_open(manager.pid, 0);
        if (pidfd < 0)
                return errno == ESRCH ? -ENOENT : -errno;
        r = has_open(manager.pid, &lock);

        /* Still the process that was looked at? */
        manager.pidfd = pidfd;
        if (process_signal(&manager, 0) < 0)
                return -ENOENT;
        if (r < 0)
                return r;
        if (r == 0)
                return -EBADMSG;

        manager.pidfd = TAKE_FD(pidfd);
        *ret_manager = manager;
        return 0;
}

void manager_close(Process *manager) {
        (void)fd_close(manager->pidfd);
        *manager = PROCESS_NONE;
}
