/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/stop-file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "sys/credentials.h"
#include "sys/rootpath.h"

#define HELPER_TIMEOUT_US (1 * USEC_PER_SEC)

/* The message of sysvinit's fifo (its src/initreq.h); fixed since 1990s, host byte order. */
typedef struct {
        int32_t magic;
        int32_t command;
        int32_t runlevel;   /* a character */
        int32_t sleep_time; /* seconds between SIGTERM and SIGKILL */
        char unused[368];
} SysvinitRequest;
static_assert(sizeof(SysvinitRequest) == 384, "as sysvinit reads it");

enum {
        SYSVINIT_MAGIC = 0x03091969,
        SYSVINIT_COMMAND_RUNLEVEL = 1,
        SYSVINIT_SLEEP_TIME = 3, /* init's own default */
};

/* Opens what an O_PATH descriptor stands for, without following any path a second time. */
static int open_path_fd(int path_fd, int flags) {
        char path[sizeof "/proc/self/fd/" + DECIMAL_MAX];
        int fd;

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", path_fd); /* Always fits. */
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
        return fd < 0 ? -errno : fd;
}

/* O_PATH first: opening a device or a fifo can have effects, and block. */
static int open_of_type(int root_fd, const char *path, mode_t type) {
        CLEANUP_CLOSE int fd = -EBADF;
        struct stat st;

        fd = rootpath_open(root_fd, path, O_PATH, /* mode= */ 0);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if ((st.st_mode & S_IFMT) != type)
                return -EBADFD;

        return TAKE_FD(fd);
}

/* Writes SIZE bytes, at most PIPE_BUF: all or nothing. */
static int write_to_fifo(int root_fd, const char *path, const void *data, size_t size) {
        CLEANUP_CLOSE int path_fd = -EBADF;
        CLEANUP_CLOSE int fd = -EBADF;

        path_fd = open_of_type(root_fd, path, S_IFIFO);
        if (path_fd < 0)
                return path_fd == -ENOENT ? -EAGAIN : path_fd;

        fd = open_path_fd(path_fd, O_WRONLY | O_NONBLOCK);
        if (fd < 0)
                return fd == -ENXIO ? -EAGAIN : fd; /* ENXIO: nobody reads */

        return write(fd, data, size) < 0 ? -errno : 0;
}

int stop_file_sysvinit(int root_fd, StopKind kind) {
        SysvinitRequest request = {
                .magic = SYSVINIT_MAGIC,
                .command = SYSVINIT_COMMAND_RUNLEVEL,
                .runlevel = kind == STOP_REBOOT ? '6' : '0',
                .sleep_time = SYSVINIT_SLEEP_TIME,
        };
        int r;

        r = write_to_fifo(root_fd, "/run/initctl", &request, sizeof request);
        if (r != -EAGAIN)
                return r;

        return write_to_fifo(root_fd, "/dev/initctl", &request, sizeof request); /* before 2.89 */
}

int stop_file_openrc(int root_fd, StopKind kind) {
        const char *word = kind == STOP_REBOOT ? "reboot" : "poweroff";

        return write_to_fifo(root_fd, "/run/openrc/init.ctl", word, strlen(word));
}

/* fchmod() wants more than O_PATH, and opening wants permissions that these files have not got. */
static int change_mode(int root_fd, const char *path, mode_t mode) {
        CLEANUP_CLOSE int fd = -EBADF;
        char own_path[sizeof "/proc/self/fd/" + DECIMAL_MAX];

        fd = open_of_type(root_fd, path, S_IFREG);
        if (fd < 0)
                return fd;

        (void)snprintf(own_path, sizeof own_path, "/proc/self/fd/%d", fd); /* Always fits. */
        return chmod(own_path, mode) < 0 ? -errno : 0;
}

int stop_file_runit(int root_fd, StopKind kind) {
        /* The place is compiled in: Debian, Void and others, upstream. Stage 1 of the boot makes
         * the files, and only those of the running program are there. */
        static const char *const folders[] = { "/run/runit.", "/run/runit/", "/etc/runit/" };
        char path[64];
        int r = -ENOENT;

        for (size_t i = 0; i < ELEMENTSOF(folders) && r == -ENOENT; i++) {
                (void)snprintf(path, sizeof path, "%sreboot", folders[i]); /* Always fits. */
                r = change_mode(root_fd, path, kind == STOP_REBOOT ? S_IXUSR : 0);
                if (r < 0)
                        continue;

                /* The second file is the one that says "now". */
                (void)snprintf(path, sizeof path, "%sstopit", folders[i]);
                r = change_mode(root_fd, path, S_IXUSR);
        }

        return r == -ENOENT ? -EAGAIN : r;
}

__attribute__((noreturn)) static void
helper_main(const StopTarget *target, StopFileRequest request, StopKind kind) {
        char path[sizeof "/proc//root" + DECIMAL_MAX];
        int root_fd;
        int r;

        /* Signals are as the manager has them, mostly blocked; only SIGKILL is for us. */
        (void)prctl(PR_SET_NAME, "boot-tree-stop"); /* For ps(1) only. */

        (void)snprintf(path, sizeof path, "/proc/%d/root", target->process->pid); /* Always fits. */
        root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = root_fd < 0 ? -errno : 0;

        /* The pid was our child's if the pidfd is still alive. */
        if (r >= 0)
                r = process_signal(target->process, 0);

        /* Whoever waits for the end of one of the manager's descriptors must not wait for us. */
        if (r >= 0 && (dup2(root_fd, 0) < 0 || close_range(1, ~0U, 0) < 0))
                r = -errno;
        if (r >= 0)
                r = credentials_become(target->root_uid, target->root_uid, NULL, 0);
        if (r >= 0)
                r = request(/* root_fd= */ 0, kind);

        _exit(-r); /* errno values fit into the status */
}

int stop_file_run(const StopTarget *target, StopFileRequest request, StopKind kind) {
        Process helper = PROCESS_NONE;
        siginfo_t info;
        int r;

        helper.pid = fork();
        if (helper.pid < 0)
                return -errno;
        if (helper.pid == 0)
                helper_main(target, request, kind);

        helper.pidfd = pidfd_open(helper.pid, 0);
        if (helper.pidfd < 0) {
                r = -errno;
                (void)kill(helper.pid, SIGKILL); /* Not reaped yet: still our child's number. */
                (void)waitpid(helper.pid, NULL, WNOHANG);
                return r;
        }

        r = process_wait(&helper, clock_monotonic_us() + HELPER_TIMEOUT_US, &info);
        if (r < 0) {
                /* It sits in the kernel, waiting for a file system that the payload's end will take
                 * away. Not waited for: who runs this reaps its children at the end anyway. */
                (void)process_signal(&helper, SIGKILL);
                fd_close(TAKE_FD(helper.pidfd));
                return r;
        }

        return info.si_code == CLD_EXITED ? -info.si_status : -EIO;
}
