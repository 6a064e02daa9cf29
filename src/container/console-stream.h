/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The caller's standard input or output, used so that it never blocks us and is never changed.
 *
 * Theory. O_NONBLOCK is a property of the open file description, which a shell, its pipeline and
 * our parent share with us: setting it there breaks *their* reads and writes, also after our end.
 * So it is never set on a descriptor that we were given. Instead, by what the descriptor is:
 *   - terminal, fifo, pipe: opened anew through /proc/self/fd/N with O_NONBLOCK. The result is a
 *     description of our own on the same object;
 *   - socket: cannot be opened anew; recv() and send() with MSG_DONTWAIT;
 *   - regular file, block device: never blocks in poll()'s sense, and must not be opened anew,
 *     because the file offset is shared on purpose (`{ a; boot-tree …; } >log`);
 *   - the rest (a pty's master end, other character devices, which may have a meaning of their own
 *     for being opened, another user's pipe without privileges, no /proc): poll() right before each
 *     call, and for pipes and terminals so little data that a positive answer suffices: PIPE_BUF
 *     bytes, one byte. Only if somebody else reads or writes the very same object in between could
 *     such a call wait; that is the price of the rest.
 *
 * SIGPIPE has to be ignored or blocked by the program.
 */

#include <stdbool.h>
#include <sys/types.h>

typedef enum {
        CONSOLE_STREAM_NONE,    /* nothing is there; reads give end-of-file */
        CONSOLE_STREAM_OWN,     /* our own non-blocking description */
        CONSOLE_STREAM_SOCKET,  /* borrowed */
        CONSOLE_STREAM_FILE,    /* borrowed */
        CONSOLE_STREAM_CAREFUL, /* borrowed; poll first */
} ConsoleStreamKind;

typedef struct {
        ConsoleStreamKind kind;
        bool is_terminal; /* and not the master end of a pseudo terminal */
        bool is_pipe;
        int fd; /* for poll() and terminal settings; -EBADF if NONE */
} ConsoleStream;

/* Sets the state NONE. */
void console_stream_init(ConsoleStream *stream);

/* Uses FD (borrowed, and to be kept open) for reading (O_RDONLY) or writing (O_WRONLY) by ACCESS.
 * A closed FD gives NONE. Cannot fail: what does not work shows at the first read or write. */
void console_stream_open(ConsoleStream *stream, int fd, int access);

/* Reads or writes at most SIZE bytes, without blocking.
 *
 * Returns the number of bytes, 0 at end-of-file (read only), -EAGAIN if it would block, or -errno;
 * a terminal that was hung up gives 0 or -EIO, a pipe without reader -EPIPE. */
ssize_t console_stream_read(ConsoleStream *stream, void *buffer, size_t size);
ssize_t console_stream_write(ConsoleStream *stream, const void *data, size_t size);

/* Closes what console_stream_open() opened; in any state. */
void console_stream_done(ConsoleStream *stream);
