/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/process.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/macro.h"

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

int process_signal(const Process *process, int signal) {
        if (!process_is_set(process))
                return -ESRCH;

        if (pidfd_send_signal(process->pidfd, signal, NULL, 0) < 0)
                return -errno;

        return 0;
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

void process_done(Process *process) {
        siginfo_t info;

        if (process_is_set(process)) {
                (void)process_signal(process, SIGKILL); /* It may have ended already. */
                (void)process_wait(process, clock_monotonic_us() + 2 * USEC_PER_SEC, &info);
        }

        process->pid = 0;
        process->pidfd = fd_close(process->pidfd);
}
