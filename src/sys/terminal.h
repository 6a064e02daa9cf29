/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Terminals and pseudo terminals.
 *
 * A pseudo terminal has two ends: the master, held by whoever plays the terminal, and the peer,
 * which is what programs open as /dev/pts/N or /dev/console.
 */

#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>

/* File name of a peer in its devpts instance: a decimal number and a NUL. */
enum { TERMINAL_NAME_MAX = 16 };

/* Makes a pseudo terminal in the devpts instance whose root directory is DEVPTS_FD, unlocked.
 *
 * The node "ptmx" of that very instance is used, so the result never lies in another one.
 * ret_master_fd: new O_CLOEXEC fd, the caller owns it; not non-blocking
 * ret_name:      the peer's file name below DEVPTS_FD, "0"
 *
 * Errors: -ENOENT (not a devpts), -EACCES (ptmxmode= is 0), -ENOSPC (max= or the system's limit).
 * Source: Documentation/filesystems/devpts.rst. */
int terminal_open_pty(int devpts_fd, int *ret_master_fd, char ret_name[static TERMINAL_NAME_MAX]);

/* Opens the peer of MASTER_FD by the kernel itself: no path, so nothing can be put in its way, and
 * it works across mount namespaces. O_CLOEXEC and O_NOCTTY; the caller owns the fd.
 *
 * Errors: -EIO (the peer is gone), -ENOTTY (not a pty master).
 * Source: TIOCGPTPEER in ioctl_tty(2), Linux 4.13. */
int terminal_open_peer(int master_fd);

/* Whether FD is the master end of a pseudo terminal. isatty() is true for that end too, but opening
 * it anew makes another pseudo terminal instead of another description of this one. */
bool terminal_is_master(int fd);

/* Whether A and B are the same terminal; one of them may be /dev/tty. (Two terminals of two devpts
 * instances with the same number are taken for one: the kernel tells no more.) */
bool terminal_is_same(int a, int b);

/* Makes the terminal FD the controlling one of the calling session leader, which has none yet. */
int terminal_make_controlling(int fd);

/* Reads or sets rows and columns. A new size raises SIGWINCH on the other side. 0 or -errno. */
int terminal_get_size(int fd, struct winsize *ret_size);
int terminal_set_size(int fd, const struct winsize *size);

/* Which half of a terminal's settings terminal_set_raw() changes. */
typedef enum {
        TERMINAL_INPUT = 1 << 0,  /* keys come at once, unchanged, and raise no signal */
        TERMINAL_OUTPUT = 1 << 1, /* bytes go out unchanged */
} TerminalSides;

/* A terminal and the settings to come back to. FD is borrowed. */
typedef struct {
        int fd;
        struct termios attributes;
} TerminalState;

/* Reads the settings of FD. -ENOTTY, -EIO (hung up). */
int terminal_save(int fd, TerminalState *ret_state);

/* Puts the terminal into raw mode, starting from the saved settings. From a background process
 * group this stops the caller by SIGTTOU, as it should: it goes on when in the foreground.
 *
 * Errors: -EIO (hung up, or in the background with nobody who could bring us forward). */
int terminal_set_raw(const TerminalState *state, TerminalSides sides);

/* Brings the saved settings back, from any process group, without waiting for pending output. */
int terminal_restore(const TerminalState *state);
