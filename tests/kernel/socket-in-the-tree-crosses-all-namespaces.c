/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 17: a datagram socket that the manager binds in the assembled tree (by
 * /proc/self/fd/N/notify, so that no path of the tree is followed) is reached by the payload from
 * its own network, pid and user namespace. SCM_CREDENTIALS gives the sender as the manager sees it:
 * its pid, its shifted uid.
 *
 * For boot-tree: /run/host/notify.
 *
 * Source: unix(7), pathname sockets are found by inode; measured on 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int socket_open(void) {
        return CHECK_OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int socket_bind_below(const char *directory) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int socket_fd, directory_fd, yes = 1;

        directory_fd = CHECK_OK(open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC));
        (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/notify",
                        directory_fd);

        socket_fd = socket_open();
        CHECK_OK(setsockopt(socket_fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes));
        CHECK_OK(bind(socket_fd, (const struct sockaddr *)&address, sizeof address));
        CHECK_OK(fchmodat(directory_fd, "notify", 0666, 0));
        (void)close(directory_fd);

        return socket_fd;
}

static void inside(const void *data) {
        const struct sockaddr_un address = { AF_UNIX, "/run/notify" };

        (void)data;

        switch_root();
        CHECK_OK(sendto(socket_open(), "READY=1", 7, 0, (const struct sockaddr *)&address,
                        sizeof address));
}

static void check_message(int socket_fd, pid_t sender) {
        char text[16] = "", control[CMSG_SPACE(sizeof(struct ucred))];
        struct iovec part = { .iov_base = text, .iov_len = sizeof text - 1 };
        struct msghdr message = {
                .msg_iov = &part,
                .msg_iovlen = 1,
                .msg_control = control,
                .msg_controllen = sizeof control,
        };
        struct ucred credentials;

        CHECK_EQ(recvmsg(socket_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC), 7);
        CHECK_TEXT(text, "READY=1");
        CHECK(CMSG_FIRSTHDR(&message) != NULL);
        CHECK_EQ(CMSG_FIRSTHDR(&message)->cmsg_type, SCM_CREDENTIALS);
        (void)memcpy(&credentials, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof credentials);

        CHECK_EQ(credentials.pid, sender);
        CHECK_EQ(credentials.uid, SHIFT);
        CHECK_EQ(credentials.gid, SHIFT);
}

void test(const TestBed *bed) {
        const Payload payload = {
                CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC,
                .base = SHIFT,
                .body = inside,
        };
        int socket_fd;
        pid_t pid;

        (void)bed;

        tree_enter();
        socket_fd = socket_bind_below("run");

        pid = payload_start(&payload);
        payload_wait(pid);
        check_message(socket_fd, pid);
}
