/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A small process that restores the caller's terminal if the manager dies without doing it.
 *
 * Theory. While a payload runs interactively the caller's terminal is in raw mode. The settings
 * live in the terminal, not in the process, so no exit handler helps against SIGKILL, the
 * out-of-memory killer or a fault. A forked child, the guard, holds the saved settings and the read
 * end of a pipe; the manager alone holds the write end (O_CLOEXEC, never passed on). The guard
 * sleeps in read():
 *   - one byte: the manager has restored the terminal itself; the guard just exits;
 *   - end-of-file: the manager is gone, in whatever way; the guard restores, then exits.
 * The manager restores first and writes the byte after that. If it dies in between, the terminal
 * is restored twice, which is harmless.
 *
 * The guard blocks all signals (so it may also change the terminal from the background, and the
 * hangup of the session does not end it), has a process group of its own (so what kills the
 * manager's group spares it) but keeps the session, holds no fd but the pipe and the terminals, and
 * sits in "/". It is called "boot-tree-guard".
 */

#include <stddef.h>

#include "sys/process.h"
#include "sys/terminal-looks.h"
#include "sys/terminal.h"

enum { TERMINAL_GUARD_MAX = 2 }; /* standard input and output may be two terminals */

typedef struct {
        int pipe_fd; /* our end; its closing is the alarm */
        Process process;
} TerminalGuard;

/* Sets the state "no guard". */
void terminal_guard_init(TerminalGuard *guard);

/* Starts a guard for STATES and LOOKS (copied; the fds are inherited). To be called before the
 * terminal is made raw, and in the host's mount namespace, which the guard keeps. The fds should be
 * non-blocking: the guard also makes the cursor visible, unless TERM says that this is not known.
 *
 * Errors: -E2BIG (more than TERMINAL_GUARD_MAX), -EAGAIN (no more processes), -EMFILE, -ENOMEM. */
int terminal_guard_start(TerminalGuard *guard,
                const TerminalState *states,
                size_t n_states,
                const TerminalLooks *looks);

/* Makes the cursor of the terminal FD visible again, as the guard does; for an end in which the
 * payload had no chance to. Does nothing if TERM is unset or "dumb". */
void terminal_guard_show_cursor(int fd);

/* Dismisses the guard without a restore and reaps it. In any state; leaves "no guard". SIGPIPE
 * has to be ignored or blocked: somebody may have killed the guard. */
void terminal_guard_done(TerminalGuard *guard);
