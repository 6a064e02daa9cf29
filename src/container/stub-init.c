/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * PID 1 for a program that is none (--as-pid2): it reaps what is left behind, ends when the program
 * ends, and understands the signals by which systemd's tools shut a machine down:
 *
 *   SIGRTMIN+3 +4 +13 +14               power off
 *   SIGINT, SIGRTMIN+5 +6 +15 +16       reboot
 *
 * Both first ask the program to end (TERM, CONT, HUP), for 90 seconds at most.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "container/inside.h"
#include "sys/kernel.h"
#include "sys/process.h"

typedef enum {
        STUB_RUN,
        STUB_POWEROFF,
        STUB_REBOOT,
} StubState;

enum { STUB_FAILED = 255, STOP_TIMEOUT_S = 90 };

static StubState state_after(int signal_number) {
        int realtime = signal_number - SIGRTMIN;

        if (signal_number == SIGINT)
                return STUB_REBOOT;

        switch (realtime) {
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

static _Noreturn void finish(StubState state, int status) {
        /* reboot() in a pid namespace makes the kernel end PID 1 by a signal that tells the
         * manager which it was; where it is not permitted the exit status has to do. */
        if (state == STUB_POWEROFF)
                (void)reboot(RB_POWER_OFF);
        else if (state == STUB_REBOOT)
                (void)reboot(RB_AUTOBOOT);
        _exit(status);
}

/* Reaps everything that has ended; returns true with the status if CHILD was among it. */
static bool reap(pid_t child, int *ret_status) {
        bool found = false;

        for (;;) {
                siginfo_t info = { 0 };

                if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
                        return found;
                if (info.si_pid != child)
                        continue;
                *ret_status = info.si_code == CLD_EXITED ? info.si_status : STUB_FAILED;
                found = true;
        }
}

static void ask_to_end(pid_t child) {
        (void)kill(child, SIGTERM); /* It may be gone already: then the loop sees that. */
        (void)kill(child, SIGCONT);
        (void)kill(child, SIGHUP);
}

/* The next signal, or 0 after the time that an orderly end may take. */
static int next_signal(int signal_fd) {
        struct pollfd poll_fd = { .fd = signal_fd, .events = POLLIN };
        struct signalfd_siginfo info;

        if (poll(&poll_fd, 1, STOP_TIMEOUT_S * 1000) <= 0)
                return 0;

        return read(signal_fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/* Wipes what a payload could read of the manager: its command line, under which a name of our own
 * is shown, and its environment. The kernel lays out both as one block of strings with the
 * program's path behind them; see execve(2) and AT_EXECFN in getauxval(3). */
static void hide_manager(void) {
        static const char name[] = "(sd-stubinit)";
        char *start = program_invocation_name;
        uintptr_t end = getauxval(AT_EXECFN);

        (void)prctl(PR_SET_NAME, name); /* a name only */
        (void)prctl(PR_SET_DUMPABLE, 0);
        if (end <= (uintptr_t)start + sizeof name)
                return; /* no such layout, or no room */
        memset(start, 0, end - (uintptr_t)start);
        memcpy(start, name, sizeof name);
        environ[0] = NULL;
}

void stub_init_run(pid_t child) {
        CLEANUP_CLOSE int signal_fd = -EBADF;
        StubState state = STUB_RUN;
        uint64_t deadline_us = 0;
        sigset_t all;

        sigfillset(&all);
        (void)sigprocmask(SIG_BLOCK, &all, NULL); /* cannot fail with these arguments */
        hide_manager();
        (void)close_range(0, ~0U, 0);

        /* Not sigwait(): while it waits the signals are not blocked, and whoever wants to stop us
         * looks in /proc whether we listen. */
        signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
        if (signal_fd < 0)
                _exit(STUB_FAILED);

        for (;;) {
                int status = STUB_FAILED, signal_number;
                StubState wanted;

                if (reap(child, &status))
                        finish(state, status);
                if (state != STUB_RUN && clock_monotonic_us() >= deadline_us)
                        finish(state, STUB_FAILED);

                signal_number = next_signal(signal_fd);
                wanted = signal_number > 0 ? state_after(signal_number) : STUB_RUN;
                if (wanted == STUB_RUN || state != STUB_RUN)
                        continue;
                state = wanted;
                deadline_us = clock_monotonic_us() + STOP_TIMEOUT_S * USEC_PER_SEC;
                ask_to_end(child);
        }
}
