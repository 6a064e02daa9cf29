/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the manager and the payload's side tell each other during a start.
 *
 *   manager                                    payload's side
 *   MAPPED  ids are written               ->   becomes root, makes its other namespaces
 *   MOUNT   row, its detached mount       ->   kept until it is attached
 *   ASSEMBLED  the tree                   ->   own mount namespace, mounts, switches the root
 *   PLACED  control group is there        ->   control group namespace and mount
 *                                         <-   READY  all is set up; the console's master
 *   GO      registered, events armed      ->   last privileges go, exec; may go ahead of READY
 *                                         <-   LOG    a line to print, any time
 *                                         <-   FAILED the reason, any time; then it exits
 *
 * One SOCK_SEQPACKET pair. A message of another kind than the awaited one, a short message or
 * end-of-file is an error; except end-of-file after GO, which means that exec worked (the socket
 * is O_CLOEXEC). Every wait has a deadline, so neither side can hang the other.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/io.h"
#include "base/log.h"

typedef enum {
        HANDSHAKE_MAPPED,
        HANDSHAKE_MOUNT,
        HANDSHAKE_ASSEMBLED,
        HANDSHAKE_PLACED,
        HANDSHAKE_READY,
        HANDSHAKE_GO,
        HANDSHAKE_LOG,
        HANDSHAKE_FAILED,
        HANDSHAKE_KIND_MAX,
} HandshakeKind;

typedef struct {
        HandshakeKind kind;
        int number;      /* LOG: the level; FAILED: negative errno; MOUNT: the row */
        char text[1024]; /* LOG and FAILED: one line */
        int fds[IO_FDS_MAX];
        size_t n_fds; /* received ones are owned by the receiver */
} HandshakeMessage;

/* Makes the pair; both ends are O_CLOEXEC. */
int handshake_open(int ret_fds[static 2]);

/* Sends one message; -EPIPE if the other side is gone. */
int handshake_send(int fd,
                HandshakeKind kind,
                int number,
                const char *text,
                const int *fds,
                size_t n_fds);

/* Receives the next message, waiting until DEADLINE_US (CLOCK_MONOTONIC) or until CANCEL_FD (-1:
 * none) has something to read.
 *
 * Returns 1 with a message, 0 at end-of-file, -ETIMEDOUT, -ECANCELED, -EPROTO (malformed) or
 * -errno. */
int handshake_receive(int fd, int cancel_fd, uint64_t deadline_us, HandshakeMessage *ret_message);

/* The manager's side: sends, with the descriptor PASSED_FD (-EBADF: none). That the other side is
 * gone is no failure here: it has said why, and that waits to be read. 0 or a logged error. */
int handshake_tell(int fd, HandshakeKind kind, int number, int passed_fd);

/* The payload's side, which has all the time that the manager lives: waits for the next message.
 * 0 with it, -ECONNRESET if the manager is gone, or as handshake_receive(). */
int handshake_await(int fd, HandshakeMessage *ret_message);

/* Closes the descriptors that came with MESSAGE. */
void handshake_message_done(HandshakeMessage *message);

/* A LogSink that sends lines through the handshake socket; userdata is a const int * to the fd. */
void handshake_log_sink(LogLevel level, const char *line, void *userdata);
