/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/handshake.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "sys/process.h"

/* What goes over the wire: native integers between two processes of one program. */
typedef struct {
        int32_t kind;
        int32_t number;
        char text[1024];
} Packet;

static const size_t PACKET_MIN = offsetof(Packet, text);

int handshake_open(int ret_fds[static 2]) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
                return -errno;

        return 0;
}

int handshake_send(int fd,
                HandshakeKind kind,
                int number,
                const char *text,
                const int *fds,
                size_t n_fds) {
        Packet packet = { .kind = (int32_t)kind, .number = number };
        size_t length = text ? strnlen(text, sizeof packet.text - 1) : 0;
        int r;

        if (length > 0)
                memcpy(packet.text, text, length);
        r = io_send(fd, &packet, PACKET_MIN + length, fds, n_fds);
        return r == -ECONNRESET ? -EPIPE : r; /* gone, with something of ours unread */
}

/* Waits until FD has something to read: 0, -ETIMEDOUT, -ECANCELED, -errno. */
static int wait_readable(int fd, int cancel_fd, uint64_t deadline_us) {
        struct pollfd fds[] = {
                { .fd = fd, .events = POLLIN },
                { .fd = cancel_fd, .events = POLLIN },
        };
        int r;

        do
                r = poll(fds, ELEMENTSOF(fds), clock_poll_timeout(deadline_us));
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return -errno;
        if (r == 0)
                return -ETIMEDOUT;

        return fds[0].revents ? 0 : -ECANCELED;
}

int handshake_receive(int fd, int cancel_fd, uint64_t deadline_us, HandshakeMessage *ret_message) {
        HandshakeMessage message = { 0 };
        Packet packet = { 0 };
        ssize_t n;
        int r;

        r = wait_readable(fd, cancel_fd, deadline_us);
        if (r < 0)
                return r;

        n = io_receive(fd, &packet, sizeof packet - 1, message.fds, &message.n_fds);
        /* It ended with something of ours unread: that is said once, and before its last words. */
        if (n == -ECONNRESET)
                n = io_receive(fd, &packet, sizeof packet - 1, message.fds, &message.n_fds);
        if (n < 0)
                return (int)n;
        if (n == 0)
                return 0;

        if ((size_t)n < PACKET_MIN || packet.kind < 0 || packet.kind >= HANDSHAKE_KIND_MAX) {
                handshake_message_done(&message);
                return -EPROTO;
        }

        message.kind = (HandshakeKind)packet.kind;
        message.number = packet.number;
        memcpy(message.text, packet.text, sizeof message.text);
        *ret_message = message;
        return 1;
}

int handshake_tell(int fd, HandshakeKind kind, int number, int passed_fd) {
        int r = handshake_send(fd, kind, number, NULL, &passed_fd, passed_fd >= 0 ? 1 : 0);

        if (r < 0 && r != -EPIPE)
                return log_error_errno(r, "Failed to reach the payload's side");

        return 0;
}

int handshake_await(int fd, HandshakeMessage *ret_message) {
        int r = handshake_receive(fd, /* cancel_fd= */ -EBADF, UINT64_MAX, ret_message);

        if (r < 0)
                return r;

        return r == 0 ? -ECONNRESET : 0;
}

void handshake_message_done(HandshakeMessage *message) {
        for (size_t i = 0; i < message->n_fds; i++)
                (void)fd_close(message->fds[i]);
        message->n_fds = 0;
}

void handshake_log_sink(LogLevel level, const char *line, void *userdata) {
        const int *fd = userdata;

        /* An error line is the reason of a FAILED that follows; a lost line costs no more. */
        (void)handshake_send(*fd, HANDSHAKE_LOG, (int)level, line, NULL, 0);
}
