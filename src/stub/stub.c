/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * PID 1 for a program that is none (--as-pid2): it reaps what is left behind, ends when the program
 * ends, and understands the signals by which systemd's tools shut a machine down:
 *
 *   SIGRTMIN+3 +4 +13 +14               power off
 *   SIGINT, SIGRTMIN+5 +6 +15 +16       reboot
 *
 * Both first ask the program to end (TERM, CONT, HUP), for 90 seconds at most.
 *
 * A program of its own without a C library or a loader: it stays in the container for as long as
 * that runs, where nothing of the manager's and no file of the tree's should be part of it. It is
 * kept in the manager (image.h), which runs it from memory. Its input is a socket whose other side
 * is the program's process: that says which it is, and goes on once the socket is closed.
 *
 * What is called here is listed in plan/plan-call-filter, too.
 */

#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/reboot.h>
#include <linux/signalfd.h>
#include <linux/time.h>
#include <linux/wait.h>
#include <stdbool.h>

#include "stub/calls.h"

typedef enum {
        STUB_RUN,
        STUB_POWEROFF,
        STUB_REBOOT,
} StubState;

enum {
        STUB_FAILED = 255,
        STOP_TIMEOUT_S = 90,
        /* <linux/signal.h> has other numbers than C libraries, which keep two for themselves. */
        SIGNAL_HUP = 1,
        SIGNAL_INT = 2,
        SIGNAL_TERM = 15,
        SIGNAL_CONT = 18,
        SIGNAL_REALTIME_MIN = 34,
        SIGNALS_BLOCK = 0,
};

__asm__(STUB_START);

static _Noreturn void end(int status) {
        for (;;)
                (void)call2(__NR_exit_group, status, 0);
}

static StubState state_after(int signal_number) {
        if (signal_number == SIGNAL_INT)
                return STUB_REBOOT;

        switch (signal_number - SIGNAL_REALTIME_MIN) {
        case 3:
        case 4:
        case 13:
        case 14:
                return STUB_POWEROFF;
        case 5:
        case 6:
        case 15:
        case 16:
                return STUB_REBOOT;
        default:
                return STUB_RUN;
        }
}

/* reboot() in a pid namespace makes the kernel end PID 1 by a signal that tells the manager which
 * it was; where it is not permitted the exit status has to do. */
static _Noreturn void finish(StubState state, int status) {
        if (state != STUB_RUN)
                (void)call4(__NR_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
                                state == STUB_POWEROFF ? LINUX_REBOOT_CMD_POWER_OFF
                                                       : LINUX_REBOOT_CMD_RESTART,
                                0);
        end(status);
}

/* Reaps everything that has ended; returns true with the status if CHILD was among it. */
static bool reap(long child, int *ret_status) {
        bool found = false;

        for (;;) {
                int status = 0;
                long pid = call4(__NR_wait4, -1, (long)&status, WNOHANG | __WALL, 0);

                if (pid <= 0)
                        return found;
                if (pid != child)
                        continue;
                *ret_status = (status & 0x7f) == 0 ? (status >> 8) & 0xff : STUB_FAILED;
                found = true;
        }
}

static long now_s(void) {
        struct __kernel_timespec now = { 0 };

        (void)call2(__NR_clock_gettime, CLOCK_MONOTONIC, (long)&now);
        return (long)now.tv_sec;
}

/* The next signal, or 0 after the time that an orderly end may take. */
static int next_signal(int signal_fd) {
        struct pollfd poll_fd = { .fd = signal_fd, .events = POLLIN };
        struct __kernel_timespec timeout = { .tv_sec = STOP_TIMEOUT_S };
        struct signalfd_siginfo info;

        if (call4(__NR_ppoll, (long)&poll_fd, 1, (long)&timeout, 0) <= 0)
                return 0;
        if (call4(__NR_read, signal_fd, (long)&info, sizeof info, 0) != sizeof info)
                return 0;

        return (int)info.ssi_signo;
}

static void ask_to_end(long child) {
        static const int signals[] = { SIGNAL_TERM, SIGNAL_CONT, SIGNAL_HUP };

        for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
                (void)call2(__NR_kill, child, signals[i]); /* It may be gone: the loop sees that. */
}

static _Noreturn void run(int child, int signal_fd) {
        StubState state = STUB_RUN;
        long deadline_s = 0;

        for (;;) {
                int status = STUB_FAILED;
                StubState wanted;

                if (reap(child, &status))
                        finish(state, status);
                if (state != STUB_RUN && now_s() >= deadline_s)
                        finish(state, STUB_FAILED);

                wanted = state_after(next_signal(signal_fd));
                if (wanted == STUB_RUN || state != STUB_RUN)
                        continue;
                state = wanted;
                deadline_s = now_s() + STOP_TIMEOUT_S;
                ask_to_end(child);
        }
}

_Noreturn void stub_main(void);

_Noreturn void stub_main(void) {
        unsigned long all = ~0UL;
        int child = 0, signal_fd;

        if (call4(__NR_read, 0, (long)&child, sizeof child, 0) != sizeof child)
                end(STUB_FAILED);

        (void)call4(__NR_rt_sigprocmask, SIGNALS_BLOCK, (long)&all, 0, sizeof all);
        (void)call2(__NR_prctl, PR_SET_NAME, (long)"(sd-stubinit)");
        (void)call2(__NR_prctl, PR_SET_DUMPABLE, 0);
        (void)call4(__NR_close_range, 0, ~0U, 0, 0); /* The program's process goes on. */

        /* Not sigwait(): while it waits the signals are not blocked, and whoever wants to stop us
         * looks in /proc whether we listen. */
        signal_fd = (int)call4(__NR_signalfd4, -1, (long)&all, sizeof all, 0);
        if (signal_fd < 0)
                end(STUB_FAILED);
        run(child, signal_fd);
}
