/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The payload's console: a pseudo terminal on one side, the caller's input and output on the other.
 *
 * Modes (all final; CONSOLE_PIPE has no pseudo terminal and no Console):
 *   INTERACTIVE  both ways; a terminal of the caller's becomes raw, so all keys reach the payload
 *   READ_ONLY    output only; the caller's terminal stays as it is
 *   PASSIVE      connected to nothing: output is read and dropped, so that nobody waits
 *
 * Nothing here blocks or grows. Two rings of fixed size sit between the sides; when one is full its
 * source is not read any more, and the writer waits: back-pressure both ways. When the caller is
 * gone output is dropped, so that a payload can still shut down. SIGPIPE has to be ignored or
 * blocked.
 *
 * Life: init, open, { attach, fill_poll/process in the loop, drain } once per boot, done. Between
 * two boots the caller's terminal stays raw.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "container/console-ring.h"
#include "container/console-stream.h"
#include "container/terminal-guard.h"
#include "sys/terminal-looks.h"
#include "sys/terminal.h"

enum { CONSOLE_POLL_MAX = 3 };

typedef enum {
        CONSOLE_EVENT_NONE,
        CONSOLE_EVENT_KILL,     /* ^] three times within a second */
        CONSOLE_EVENT_REBOOT,   /* ^] ^] r within a second */
        CONSOLE_EVENT_POWEROFF, /* ^] ^] p within a second */
        CONSOLE_EVENT_HANGUP,   /* the caller's terminal or the reader of its pipe is gone; once */
} ConsoleEvent;

typedef struct {
        ConsoleMode mode;
        ConsoleStream input;
        ConsoleStream output;
        int master_fd;
        int peer_fd; /* keeps the peer open; see console.c */

        ConsoleRing to_payload;
        ConsoleRing from_payload;
        char last_key; /* newest byte from the input: whether its last line is complete */
        bool is_input_at_end;
        bool is_hung_up;
        bool is_killed;
        bool has_write_error; /* one message about it is enough */

        unsigned n_escapes; /* ^] in a row */
        uint64_t escape_us; /* CLOCK_MONOTONIC of the first one */

        TerminalState terminals[TERMINAL_GUARD_MAX]; /* the caller's, raw while n_terminals > 0 */
        TerminalSides terminal_sides[TERMINAL_GUARD_MAX];
        size_t n_terminals;
        TerminalLooks looks; /* what they look like as long */
        bool tints;          /* a background is to be found that fits theirs */
        TerminalGuard guard;
} Console;

/* Sets the empty state; console_done() may follow at once. */
void console_init(Console *console);

/* Takes the caller's sides, once, with memory in ARENA. MODE is final and not PIPE; IN_FD and
 * OUT_FD are borrowed, stay open and keep their flags. PASSIVE uses neither, READ_ONLY only OUT_FD.
 * Changes no terminal yet. The caller may set console->looks and ->tints then. */
void console_open(Console *console, Arena *arena, ConsoleMode mode, int in_fd, int out_fd);

/* Takes over MASTER_FD (also on failure) as the payload's console, in place of an older one; makes
 * the caller's terminal raw (INTERACTIVE, first time) under a guard process, and gives the payload
 * its window size. In the host's mount namespace, and not in the middle of a message to the user.
 *
 * 0, or -errno, logged, with the caller's terminal unchanged. */
int console_attach(Console *console, int master_fd);

/* Whether the caller's terminal is raw: a message needs "\r\n" then. */
bool console_is_raw(const Console *console);

/* Fills in what the loop has to wait for; unused entries have fd -1. */
void console_fill_poll(const Console *console, struct pollfd fds[static CONSOLE_POLL_MAX]);

/* Moves bytes as far as possible without waiting. To be called after each poll() that reported one
 * of the entries. If more than one event came, the one that is listed first above is returned. */
ConsoleEvent console_process(Console *console, const struct pollfd fds[static CONSOLE_POLL_MAX]);

/* Copies the caller's window size to the payload's side: after SIGWINCH. */
void console_resize(Console *console);

/* Makes the terminal raw again and copies its size: after SIGCONT, since a shell sets its own mode
 * while we are stopped. */
void console_resume(Console *console);

/* After the payload's end: forwards what it wrote before, until all is out or DEADLINE_US
 * (CLOCK_MONOTONIC), and closes its console. */
void console_drain(Console *console, uint64_t deadline_us);

/* Restores the caller's terminal, reaps the guard, closes everything; in any state. */
void console_done(Console *console);
