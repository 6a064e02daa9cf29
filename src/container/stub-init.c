/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * PID 1 becomes the stub init (stub/stub.c), and its child goes on as the program (--as-pid2).
 *
 * The child waits until that is done: before, PID 1 is a copy of the manager.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/socket.h>

#include "base/capability.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "container/inside.h"
#include "stub/image.h"
#include "sys/credentials.h"
#include "sys/kernel.h"
#include "sys/sealed-program.h"

#define STUB_NAME "(sd-stubinit)"

int inside_open_stub(Inside *inside) {
        int fd;

        if (!inside->plan->process.has_stub_init)
                return 0;

        fd = sealed_program_open(STUB_NAME, stub_image, stub_image_size);
        if (fd < 0)
                return log_error_hint(fd,
                                fd == -EACCES ? "vm.memfd_noexec forbids programs in memory" : NULL,
                                "Failed to put the stub init into memory");
        inside->stub_fd = fd;
        return 0;
}

/* Runs the stub with SOCKET_FD as its input; returns only on failure. */
static int become_stub(Inside *inside, int socket_fd) {
        /* Without a user namespace the payload could control it. It has to end others. */
        const uint64_t capabilities =
                        inside->plan->privileges.capabilities | CAPABILITY_BIT(CAP_KILL);
        char *const arguments[] = { (char *)STUB_NAME, NULL }, *const environment[] = { NULL };
        int r;

        r = inside_confine(inside, capabilities);
        if (r >= 0)
                r = inside_install_filter(&inside->plan->privileges.stub_filter);
        if (r < 0)
                return r;

        r = credentials_settle_capabilities(capabilities, /* ambient= */ 0, /* until_exec= */ 0);
        if (r >= 0 && dup2(socket_fd, STDIN_FILENO) < 0)
                r = -errno;
        if (r >= 0) {
                (void)execveat(inside->stub_fd, "", arguments, environment, AT_EMPTY_PATH);
                r = -errno;
        }

        return log_error_errno(r, "Failed to become the stub init");
}

/* Tells the stub who we are, and waits until it has closed its side. */
static int meet_stub(int socket_fd) {
        pid_t pid = getpid();
        char byte;
        ssize_t n;
        int r;

        r = io_write_all(socket_fd, &pid, sizeof pid);
        if (r < 0)
                return log_error_errno(r, "Failed to reach the stub init");

        do
                n = read(socket_fd, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return log_error_errno(-errno, "Failed to hear from the stub init");

        return 0;
}

int inside_fork_stub(Inside *inside) {
        CLEANUP_CLOSE int our_fd = -EBADF, stub_fd = -EBADF;
        int ends[2];
        pid_t pid;
        int r;

        if (!inside->plan->process.has_stub_init)
                return 0;

        r = inside_die_with_manager(inside);
        if (r < 0)
                return r;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return log_error_errno(-errno, "Failed to make a socket for the stub init");
        our_fd = ends[0];
        stub_fd = ends[1];

        pid = fork();
        if (pid < 0)
                return log_error_errno(-errno, "Failed to fork behind the stub init");
        if (pid > 0)
                return become_stub(inside, stub_fd); /* The end of PID 1 is its child's, too. */

        stub_fd = fd_close(stub_fd);
        if (setsid() < 0)
                return log_error_errno(-errno, "Failed to make a session");
        return meet_stub(our_fd);
}
