/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/terminal-guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/text.h"

/* The guard's exit is a matter of microseconds; this is for a machine that hardly runs at all. */
#define EXIT_TIMEOUT_US (2 * USEC_PER_SEC)

/* Brings FD out of the way of the numbers 0 … TERMINAL_GUARD_MAX, which the guard fills anew. */
static int move_up(int fd) {
        return fcntl(fd, F_DUPFD, TERMINAL_GUARD_MAX + 1);
}

static bool wait_for_alarm(int fd) {
        char byte;
        ssize_t n;

        do
                n = read(fd, &byte, 1);
        while (n < 0 && errno == EINTR);

        return n == 0;
}

/* Everything the guard needs besides the pipe, 0, and the terminals, 1 and 2, is closed. */
static bool keep_only(int pipe_fd, TerminalState *states, size_t n_states) {
        int fds[TERMINAL_GUARD_MAX + 1];

        fds[0] = move_up(pipe_fd);
        for (size_t i = 0; i < n_states; i++)
                fds[i + 1] = move_up(states[i].fd);

        for (size_t i = 0; i <= n_states; i++)
                if (fds[i] < 0 || dup2(fds[i], (int)i) < 0)
                        return false;
        for (size_t i = 0; i < n_states; i++)
                states[i].fd = (int)i + 1;

        return close_range((unsigned)n_states + 1, ~0U, 0) == 0;
}

__attribute__((noreturn)) static void guard_main(int pipe_fd,
                const TerminalState *given_states,
                size_t n_states,
                const TerminalLooks *looks) {
        TerminalState states[TERMINAL_GUARD_MAX];

        for (size_t i = 0; i < n_states; i++)
                states[i] = given_states[i];

        /* Without the close the guard would hold its own alarm back: it has a copy of our end. */
        if (!keep_only(pipe_fd, states, n_states))
                _exit(EXIT_FAILURE);

        (void)prctl(PR_SET_NAME, "boot-tree-guard"); /* For ps(1) only. */
        (void)setpgid(0, 0);                         /* Fails in no case that matters. */
        (void)chdir("/");                            /* Always there; else nothing is lost. */

        if (wait_for_alarm(0))
                for (size_t i = 0; i < n_states; i++) {
                        (void)terminal_restore(&states[i]); /* Nobody is left to be told. */
                        terminal_guard_show_cursor(states[i].fd);
                        terminal_show(states[i].fd, looks->off);
                }

        _exit(EXIT_SUCCESS);
}

void terminal_guard_init(TerminalGuard *guard) {
        *guard = (TerminalGuard){ .pipe_fd = -EBADF, .process = PROCESS_NONE };
}

int terminal_guard_start(TerminalGuard *guard,
                const TerminalState *states,
                size_t n_states,
                const TerminalLooks *looks) {
        int ends[2];
        sigset_t all;
        sigset_t previous;
        pid_t pid;
        int pidfd;
        int r;

        if (n_states > TERMINAL_GUARD_MAX)
                return -E2BIG;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;

        CLEANUP_CLOSE int read_fd = ends[0];
        CLEANUP_CLOSE int write_fd = ends[1];

        /* Blocked before the fork: the guard has no moment in which a signal could end it. */
        (void)sigfillset(&all);
        if (sigprocmask(SIG_SETMASK, &all, &previous) < 0)
                return -errno;

        pid = fork();
        if (pid == 0)
                guard_main(read_fd, states, n_states, looks);
        r = pid < 0 ? -errno : 0;
        (void)sigprocmask(SIG_SETMASK, &previous, NULL); /* Arguments are valid: cannot fail. */
        if (r < 0)
                return r;

        /* Not reaped by anybody yet, so the number is still this child's. */
        pidfd = pidfd_open(pid, 0);
        r = pidfd < 0 ? -errno : 0;
        *guard = (TerminalGuard){ .pipe_fd = TAKE_FD(write_fd), .process = PROCESS_NONE };
        if (r < 0) {
                terminal_guard_done(guard);
                (void)waitpid(pid, NULL, 0); /* It was just told to go. */
                return r;
        }

        guard->process = (Process){ .pid = pid, .pidfd = pidfd };
        return 0;
}

void terminal_guard_show_cursor(int fd) {
        const char *term = getenv("TERM");

        if (!text_is_empty(term) && !text_equal(term, "dumb"))
                terminal_show(fd, "\x1b[?25h");
}

void terminal_guard_done(TerminalGuard *guard) {
        siginfo_t info;
        ssize_t n;

        if (guard->pipe_fd >= 0) {
                do
                        n = write(guard->pipe_fd, "", 1);
                while (n < 0 && errno == EINTR);
        }
        guard->pipe_fd = fd_close(guard->pipe_fd);

        /* It has nothing to do but exit; process_done() also copes with one that does not, and with
         * a manager that reaps all its children and was quicker. */
        if (process_is_set(&guard->process))
                (void)process_wait(&guard->process, clock_monotonic_us() + EXIT_TIMEOUT_US, &info);
        process_done(&guard->process);
}
