/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/notify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/parse.h"

int notify_send(const char *state) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const char *path = getenv("NOTIFY_SOCKET");
        CLEANUP_CLOSE int fd = -EBADF;
        size_t length = path ? strlen(path) : 0;

        if (length == 0)
                return 0;
        if ((path[0] != '/' && path[0] != '@') || length >= sizeof address.sun_path)
                return -EAFNOSUPPORT;

        memcpy(address.sun_path, path, length);
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        /* Never waits: a service manager that does not read must not hang us. */
        if (sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                            (const struct sockaddr *)&address,
                            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
                return -errno;

        return 1;
}

/* Source: unix(7), "Autobind feature". */
int notify_listen(char ret_name[static NOTIFY_NAME_SIZE]) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        socklen_t length = sizeof address, prefix = offsetof(struct sockaddr_un, sun_path) + 1;
        CLEANUP_CLOSE int fd = -EBADF;
        const int on = 1;

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ||
                        bind(fd, (const struct sockaddr *)&address, sizeof address.sun_family) <
                                        0 ||
                        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
                return -errno;
        if (length <= prefix || length - prefix >= NOTIFY_NAME_SIZE - 1)
                return -EBADMSG;

        (void)snprintf(ret_name, NOTIFY_NAME_SIZE, "@%.*s", (int)(length - prefix),
                        address.sun_path + 1); /* always fits */
        return TAKE_FD(fd);
}

static pid_t find_sender(struct msghdr *message) {
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
                if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS &&
                                c->cmsg_len == CMSG_LEN(sizeof(struct ucred)))
                        return ((const struct ucred *)CMSG_DATA(c))->pid;

        return 0;
}

ssize_t notify_receive(int fd, char ret_text[static NOTIFY_MESSAGE_MAX + 1], pid_t *ret_sender) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(struct ucred))]; /* and no room for descriptors */
        } control;
        struct iovec iov = { .iov_base = ret_text, .iov_len = NOTIFY_MESSAGE_MAX };
        struct msghdr message = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof control,
        };
        ssize_t n;

        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n < 0)
                return -errno;

        if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || memchr(ret_text, '\0', (size_t)n))
                return -EBADMSG;

        ret_text[n] = '\0';
        *ret_sender = find_sender(&message);
        return n;
}

uint64_t notify_watchdog_interval(void) {
        const char *interval = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
        uint64_t us;
        uint32_t number;

        if (!interval || parse_u64(interval, &us) < 0)
                return 0;
        if (pid && (parse_u32(pid, &number) < 0 || number != (uint32_t)getpid()))
                return 0;

        return us / 2;
}
