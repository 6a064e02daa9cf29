/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "floods N": another process than PID 1 sends N messages to the manager's notify socket, most of them
 * with 16 descriptors: forged, endless, with a zero byte, and without any sense. Then PID 1 says
 * "flooded", waits for a file "/go", and is ready. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_FDS = 16, HUGE = 100000 };

static int open_socket(void) {
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/host/notify" };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        return connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : fd;
}

static int send_text(int fd, const char *text, size_t size, size_t n_fds) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(N_FDS * sizeof(int))];
        } control = { 0 };
        struct iovec iov = { .iov_base = (char *)text, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (n_fds > 0) {
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
                control.header.cmsg_level = SOL_SOCKET;
                control.header.cmsg_type = SCM_RIGHTS;
                control.header.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
                for (size_t i = 0; i < n_fds; i++)
                        memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &(int){ 3 + (int)i },
                                        sizeof(int));
        }
        return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int flood(int n_messages) {
        static const char *const texts[] = { "READY=1\n", "READY=1", "STATUS=\x1b[2Jforged\n",
                "WATCHDOG=1\nREADY=1\n", "STOPPING=1\nMAINPID=1\n", "\n\n\n=\n",
                "X_NSPAWN_LEADER_PID=1\n" };
        char *huge = malloc(HUGE);
        int fd;

        for (int i = 3; i < 3 + N_FDS; i++)
                dup2(open("/dev/null", O_RDWR), i);
        fd = fcntl(open_socket(), F_DUPFD, 100);
        if (fd < 0 || !huge)
                return 1;
        memset(huge, 'x', HUGE);
        memcpy(huge, "READY=1\n", 8);
        for (int i = 0; i < n_messages; i++) {
                const char *text = texts[(size_t)i % (sizeof texts / sizeof texts[0])];
                int r = i % 50 == 0   ? send_text(fd, huge, HUGE, N_FDS)
                        : i % 51 == 0 ? send_text(fd, "READY=1\0\n", 9, 0)
                                      : send_text(fd, text, strlen(text),
                                                        (size_t)i % 3 ? N_FDS : 0);

                if (r < 0)
                        return 2;
        }
        return 0;
}

int main(int argc, char **argv) {
        int status = 0;

        if (fork() == 0)
                _exit(flood(argc > 1 ? atoi(argv[1]) : 0));
        if (wait(&status) < 0)
                return 3;
        printf(status == 0 ? "flooded\n" : "failed %d\n", status);
        fflush(stdout);
        while (access("/go", F_OK) < 0)
                usleep(10000);
        if (send_text(open_socket(), "STATUS=own\nREADY=1\n", 19, 0) < 0)
                return 4;
        pause();
}
