/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/console-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "sys/terminal.h"

/* A description of our own on the object behind FD. */
static int open_anew(int fd, int access) {
        char path[sizeof "/proc/self/fd/" + DECIMAL_MAX];
        int own_fd;

        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd); /* Always fits. */
        own_fd = open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        return own_fd < 0 ? -errno : own_fd;
}

static bool is_ready(const ConsoleStream *stream, short events) {
        struct pollfd poll_fd = { .fd = stream->fd, .events = events };

        return poll(&poll_fd, 1, /* timeout= */ 0) > 0;
}

/* How much a positive answer of poll() promises to take at once. */
static size_t careful_size(const ConsoleStream *stream, size_t size) {
        if (stream->is_pipe)
                return MIN_OF(size, (size_t)PIPE_BUF);

        return isatty(stream->fd) ? 1 : size;
}

void console_stream_init(ConsoleStream *stream) {
        *stream = (ConsoleStream){ .kind = CONSOLE_STREAM_NONE, .fd = -EBADF };
}

void console_stream_open(ConsoleStream *stream, int fd, int access) {
        struct stat st;
        int own_fd;

        console_stream_init(stream);
        if (fstat(fd, &st) < 0)
                return;

        stream->fd = fd;
        stream->is_terminal = isatty(fd) && !terminal_is_master(fd);
        stream->is_pipe = S_ISFIFO(st.st_mode);

        if (S_ISSOCK(st.st_mode)) {
                stream->kind = CONSOLE_STREAM_SOCKET;
                return;
        }

        if (!stream->is_terminal && !stream->is_pipe) {
                stream->kind = S_ISCHR(st.st_mode) ? CONSOLE_STREAM_CAREFUL : CONSOLE_STREAM_FILE;
                return;
        }

        own_fd = open_anew(fd, access);
        if (own_fd < 0) {
                stream->kind = CONSOLE_STREAM_CAREFUL;
                return;
        }

        stream->kind = CONSOLE_STREAM_OWN;
        stream->fd = own_fd;
}

ssize_t console_stream_read(ConsoleStream *stream, void *buffer, size_t size) {
        ssize_t n = 0;

        switch (stream->kind) {
        case CONSOLE_STREAM_NONE:
                return 0;
        case CONSOLE_STREAM_OWN:
        case CONSOLE_STREAM_FILE:
                n = read(stream->fd, buffer, size);
                break;
        case CONSOLE_STREAM_SOCKET:
                n = recv(stream->fd, buffer, size, MSG_DONTWAIT);
                break;
        case CONSOLE_STREAM_CAREFUL:
                if (!is_ready(stream, POLLIN))
                        return -EAGAIN;
                n = read(stream->fd, buffer, size);
                break;
        }

        return n < 0 ? -errno : n;
}

ssize_t console_stream_write(ConsoleStream *stream, const void *data, size_t size) {
        ssize_t n = 0;

        switch (stream->kind) {
        case CONSOLE_STREAM_NONE:
                return -EBADF;
        case CONSOLE_STREAM_OWN:
        case CONSOLE_STREAM_FILE:
                n = write(stream->fd, data, size);
                break;
        case CONSOLE_STREAM_SOCKET:
                n = send(stream->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
                break;
        case CONSOLE_STREAM_CAREFUL:
                if (!is_ready(stream, POLLOUT))
                        return -EAGAIN;
                n = write(stream->fd, data, careful_size(stream, size));
                break;
        }

        return n < 0 ? -errno : n;
}

void console_stream_done(ConsoleStream *stream) {
        if (stream->kind == CONSOLE_STREAM_OWN)
                stream->fd = fd_close(stream->fd);
        console_stream_init(stream);
}
