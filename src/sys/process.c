/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/text.h"
#include "sys/kernel.h"

static uint64_t clock_us(clockid_t clock) {
        struct timespec now;

        if (clock_gettime(clock, &now) < 0)
                return 0; /* cannot be: both clocks always exist */
        return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / NSEC_PER_USEC;
}

uint64_t clock_monotonic_us(void) {
        return clock_us(CLOCK_MONOTONIC);
}

uint64_t clock_boottime_us(void) {
        return clock_us(CLOCK_BOOTTIME);
}

int clock_poll_timeout(uint64_t deadline_us) {
        uint64_t now = clock_monotonic_us(), ms;

        if (deadline_us == UINT64_MAX)
                return -1;
        if (deadline_us <= now)
                return 0;

        ms = (deadline_us - now - 1) / USEC_PER_MSEC + 1;
        return ms > INT_MAX ? INT_MAX : (int)ms;
}

int process_fork(Process *ret_process) {
        Process process = PROCESS_NONE;
        const struct clone_args arguments = {
                .flags = CLONE_PIDFD,
                .exit_signal = SIGCHLD,
                .pidfd = (uint64_t)(uintptr_t)&process.pidfd,
        };

        process.pid = kernel_clone3(&arguments);
        if (process.pid < 0)
                return -errno;
        if (process.pid == 0)
                return 0;

        *ret_process = process;
        return 1;
}

bool process_exists(pid_t pid) {
        return pid > 0 && (kill(pid, 0) == 0 || errno != ESRCH);
}

int process_signal(const Process *process, int signal) {
        if (!process_is_set(process))
                return -ESRCH;

        if (pidfd_send_signal(process->pidfd, signal, NULL, 0) < 0)
                return -errno;

        return 0;
}

bool process_awaits_events(const Process *process) {
        static const int calls[] = { SYS_epoll_wait, SYS_epoll_pwait, SYS_epoll_pwait2 };
        char path[64], text[256];
        int call = -1;

        (void)snprintf(path, sizeof path, "/proc/%d/syscall", (int)process->pid); /* always fits */
        if (!process_is_set(process) || io_read_file(AT_FDCWD, path, text, sizeof text) < 0 ||
                        sscanf(text, "%d", &call) != 1)
                return false;

        for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                if (calls[i] == call)
                        return true;
        return false;
}

int process_wait(Process *process, uint64_t deadline_us, siginfo_t *ret_info) {
        struct pollfd poll_fd = { .fd = process->pidfd, .events = POLLIN };
        siginfo_t info = { 0 };
        int r;

        if (!process_is_set(process))
                return -ESRCH;

        do
                r = poll(&poll_fd, 1, clock_poll_timeout(deadline_us));
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return -errno;
        if (r == 0)
                return -ETIMEDOUT;

        if (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED) < 0)
                return -errno;

        process->pid = 0;
        process->pidfd = fd_close(process->pidfd);
        *ret_info = info;
        return 0;
}

/* Field number FIELD of /proc/PID/stat; those behind the name, which may hold anything, begin with
 * the third. */
static int read_stat_field(pid_t pid, unsigned field, unsigned long long *ret) {
        char path[64], text[1024], *rest, *word = NULL;
        ssize_t n;

        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid); /* always fits */
        n = io_read_file(AT_FDCWD, path, text, sizeof text);
        if (n < 0)
                return n == -ENOENT ? -ESRCH : (int)n;

        rest = strrchr(text, ')');
        if (!rest)
                return -EBADMSG;
        for (rest += 2; field >= 3 && rest; field--)
                word = strsep(&rest, " ");
        return word && sscanf(word, "%llu", ret) == 1 ? 0 : -EBADMSG;
}

int process_identify(pid_t pid, char ret_identity[static PROCESS_IDENTITY_SIZE]) {
        enum { FIELD_START_TIME = 22 };
        unsigned long long start_time = 0;
        char path[64];
        struct stat st;
        int r;

        r = read_stat_field(pid, FIELD_START_TIME, &start_time);
        if (r < 0)
                return r;
        (void)snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)pid); /* always fits */
        if (stat(path, &st) < 0)
                return errno == ENOENT ? -ESRCH : -errno;

        (void)snprintf(ret_identity, PROCESS_IDENTITY_SIZE, "%llu-%llu", start_time,
                        (unsigned long long)st.st_ino); /* always fits */
        return 0;
}

int process_kill_identified(pid_t pid, const char *identity, uint64_t deadline_us) {
        CLEANUP_CLOSE int pidfd = -EBADF;
        struct pollfd poll_fd;
        char now[PROCESS_IDENTITY_SIZE];
        int r;

        /* First the handle, then the look: what is compared is what will be killed, or is gone. */
        pidfd = pidfd_open(pid, 0);
        if (pidfd < 0)
                return errno == ESRCH || errno == EINVAL ? 0 : -errno;
        r = process_identify(pid, now);
        if (r == -ESRCH || (r >= 0 && !text_equal(now, identity)))
                return 0;
        if (r < 0)
                return r;

        if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0)
                return errno == ESRCH ? 0 : -errno;
        poll_fd = (struct pollfd){ .fd = pidfd, .events = POLLIN };
        do
                r = poll(&poll_fd, 1, clock_poll_timeout(deadline_us));
        while (r < 0 && errno == EINTR);

        return r < 0 ? -errno : r == 0 ? -ETIMEDOUT : 1;
}

void process_done(Process *process) {
        siginfo_t info;

        if (process_is_set(process)) {
                (void)process_signal(process, SIGKILL); /* It may have ended already. */
                (void)process_wait(process, clock_monotonic_us() + 2 * USEC_PER_SEC, &info);
        }

        process->pid = 0;
        process->pidfd = fd_close(process->pidfd);
}
