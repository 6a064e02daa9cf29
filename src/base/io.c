/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/macro.h"

int io_write_all(int fd, const void *data, size_t size) {
        const char *p = data;

        while (size > 0) {
                ssize_t n = write(fd, p, size);

                if (n < 0) {
                        if (errno == EINTR)
                                continue;
                        return -errno;
                }
                p += n;
                size -= (size_t)n;
        }

        return 0;
}

ssize_t io_read_all(int fd, char *buffer, size_t size) {
        size_t used = 0;

        for (;;) {
                ssize_t n = read(fd, buffer + used, size - used);

                if (n < 0) {
                        if (errno == EINTR)
                                continue;
                        return -errno;
                }
                if (n == 0) {
                        buffer[used] = '\0';
                        return (ssize_t)used;
                }
                used += (size_t)n;
                if (used >= size)
                        return -EFBIG;
        }
}

ssize_t io_read_file(int at_fd, const char *path, char *buffer, size_t size) {
        CLEANUP_CLOSE int fd = -EBADF;
        struct stat st;

        fd = openat(at_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADFD;

        return io_read_all(fd, buffer, size);
}

int io_write_file(int at_fd, const char *path, const char *text) {
        CLEANUP_CLOSE int fd = -EBADF;
        size_t length = strlen(text);
        ssize_t n;

        fd = openat(at_fd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;

        n = write(fd, text, length);
        if (n < 0)
                return -errno;
        if ((size_t)n != length)
                return -EIO;

        return 0;
}

int io_replace_file(int at_fd, const char *path, const char *text, mode_t mode) {
        CLEANUP_CLOSE int fd = -EBADF;
        char temporary[256];
        int r;

        if ((size_t)snprintf(temporary, sizeof temporary, "%s.new", path) >= sizeof temporary)
                return -ENAMETOOLONG;

        fd = openat(at_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return -errno;

        r = io_write_all(fd, text, strlen(text));
        if (r >= 0 && renameat(at_fd, temporary, at_fd, path) < 0)
                r = -errno;
        if (r < 0)
                (void)unlinkat(at_fd, temporary, 0); /* The first error is the one to report. */

        return r;
}

bool io_is_directory(int fd) {
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int io_send(int socket_fd, const void *data, size_t size, const int *fds, size_t n_fds) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int) * IO_FDS_MAX)];
        } control = { 0 };
        struct iovec iov = { .iov_base = (void *)data, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (n_fds > IO_FDS_MAX)
                return -EINVAL;

        if (n_fds > 0) {
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
                control.header.cmsg_level = SOL_SOCKET;
                control.header.cmsg_type = SCM_RIGHTS;
                control.header.cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_fds);
        }

        if (sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0)
                return -errno;

        return 0;
}

ssize_t io_receive(int socket_fd, void *data, size_t size, int *ret_fds, size_t *ret_n_fds) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int) * IO_FDS_MAX)];
        } control = { 0 };
        struct iovec iov = { .iov_base = data, .iov_len = size };
        struct msghdr message = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof control,
        };
        int fds[IO_FDS_MAX];
        size_t n_fds = 0;
        ssize_t n;

        n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
        if (n < 0)
                return -errno;

        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
                size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                if (count > IO_FDS_MAX - n_fds)
                        count = IO_FDS_MAX - n_fds; /* cannot be: the buffer holds no more */
                memcpy(fds + n_fds, CMSG_DATA(c), count * sizeof(int));
                n_fds += count;
        }

        if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
                for (size_t i = 0; i < n_fds; i++)
                        (void)fd_close(fds[i]);
                return -EMSGSIZE;
        }

        memcpy(ret_fds, fds, n_fds * sizeof(int));
        *ret_n_fds = n_fds;
        return n;
}
