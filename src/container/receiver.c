/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "container/container.h"
#include "sys/credentials.h"
#include "sys/namespace.h"
#include "sys/notify.h"

#define READY_TIMEOUT_US (30 * USEC_PER_SEC)
#define DRAIN_TIMEOUT_US (5 * USEC_PER_SEC)
#define END_TIMEOUT_US   (10 * USEC_PER_SEC) /* it writes to disk what it still has */

enum { LISTEN_FD = 3, DRAIN_STEP_MS = 1 };

/* What the receiver gets of the manager. */
typedef struct {
        int words_fd;
        pid_t manager;
        char notify_name[NOTIFY_NAME_SIZE];
} ReceiverStart;

/* 0 to 2, and the socket; all others are closed by the exec. */
static int set_descriptors(int socket_fd) {
        int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
                        dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
                return -errno;
        if (socket_fd == LISTEN_FD) /* dup2() would leave O_CLOEXEC */
                return fcntl(LISTEN_FD, F_SETFD, 0) < 0 ? -errno : 0;

        return dup2(socket_fd, LISTEN_FD) < 0 ? -errno : 0;
}

/* Gives up all rights but those of the folder's owner, and lives no longer than the manager. */
static int become_harmless(const ReceiverPlan *plan, pid_t manager) {
        int r;

        r = credentials_limit_capabilities(0);
        if (r >= 0)
                r = credentials_become(plan->uid, plan->gid, NULL, 0);
        if (r >= 0)
                r = credentials_settle_capabilities(/* keep= */ 0, /* ambient= */ 0,
                                /* until_exec= */ 0);
        if (r < 0)
                return r;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;

        /* Not earlier: another user's process has it cleared. */
        if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0)
                return -errno;
        return getppid() == manager ? 0 : -ESRCH;
}

static int execute(const ReceiverPlan *plan, const char *notify_name) {
        char pid[32], socket[NOTIFY_NAME_SIZE + 16], **arguments;
        Arena arena = { 0 };
        /* Its own settings file is for what comes over the network. */
        char *const environment[] = { (char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" },
                (char[]){ "LISTEN_FDS=1" }, pid, socket,
                (char[]){ "SYSTEMD_JOURNAL_REMOTE_CONFIG_FILE=/dev/null" },
                (char[]){ "SYSTEMD_LOG_TARGET=console" }, (char[]){ "SYSTEMD_LOG_COLOR=no" },
                NULL };

        (void)snprintf(pid, sizeof pid, "LISTEN_PID=%d", (int)getpid());        /* fits */
        (void)snprintf(socket, sizeof socket, "NOTIFY_SOCKET=%s", notify_name); /* fits */
        arguments = arena_allocate(&arena, (plan->arguments.n_items + 2) * sizeof *arguments);
        arguments[0] = arena_copy(&arena, plan->program);
        for (size_t i = 0; i < plan->arguments.n_items; i++)
                arguments[i + 1] = arena_copy(&arena, plan->arguments.items[i]);

        execve(plan->program, arguments, environment);
        return -errno;
}

__attribute__((noreturn)) static void be_receiver(Container *container,
                const ReceiverStart *start) {
        const ReceiverPlan *plan = &container->plan->receiver;
        sigset_t none;
        int r;

        if (dup2(start->words_fd, STDERR_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void)setsid(); /* Whatever becomes of the terminal is not for it. Cannot fail. */
        (void)umask(0022);
        (void)signal(SIGPIPE, SIG_DFL);
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */

        r = namespace_return_home(&container->home);
        if (r >= 0)
                r = fchdir(container->sources.fds[plan->folder_index]) < 0 ? -errno : 0;
        if (r >= 0)
                r = set_descriptors(container->receiver.socket_fd);
        if (r >= 0)
                r = become_harmless(plan, start->manager);
        if (r >= 0)
                r = execute(plan, start->notify_name);

        (void)dprintf(STDERR_FILENO, "%s\n", log_reason(r)); /* or the manager is gone */
        _exit(EXIT_FAILURE);
}

int receiver_start(Container *container) {
        Receiver *receiver = &container->receiver;
        ReceiverStart start = { .words_fd = -EBADF, .manager = getpid() };
        CLEANUP_CLOSE int words_fd = -EBADF;
        int ends[2], r;

        if (!container->plan->receiver.program)
                return 0;

        /* Non-blocking: nobody reads it before the end, and it must not wait for that. */
        r = pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
        if (r >= 0) {
                receiver->words_fd = ends[0];
                start.words_fd = words_fd = ends[1];
                r = receiver->notify_fd = notify_listen(start.notify_name);
        }
        if (r >= 0)
                r = process_fork(&receiver->process);
        if (r == 0)
                be_receiver(container, &start);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to start '%s'", container->plan->receiver.program);

        /* With a copy of ours the payload could still connect when the receiver has ended. */
        receiver->socket_fd = fd_close(receiver->socket_fd);
        return 0;
}

/* The last line of what it has said. */
static const char *last_words(Container *container) {
        Arena *arena = &container->arena;
        char text[4096], *line = NULL, *rest = text;
        const char *last = "it has not said why";
        ssize_t n;

        /* All but the last part of a long story is dropped. */
        for (text[0] = '\0'; (n = read(container->receiver.words_fd, text, sizeof text - 1)) > 0;)
                text[n] = '\0';
        while ((line = strsep(&rest, "\n")))
                if (!text_is_empty(text_strip(line)))
                        last = text_excerpt(arena, text_strip(line));
        return last;
}

/* 1 if it is ready, 0 if that is still to come. */
static int hear(Receiver *receiver) {
        char text[NOTIFY_MESSAGE_MAX + 1], *rest = text, *line;
        pid_t sender = 0;

        if (notify_receive(receiver->notify_fd, text, &sender) < 0 ||
                        sender != receiver->process.pid)
                return 0;

        while ((line = strsep(&rest, "\n")))
                if (text_equal(line, "READY=1"))
                        return 1;
        return 0;
}

int receiver_await(Container *container) {
        const char *program = container->plan->receiver.program;
        uint64_t deadline_us = clock_monotonic_us() + READY_TIMEOUT_US;
        Receiver *receiver = &container->receiver;
        struct pollfd fds[] = {
                { .fd = receiver->notify_fd, .events = POLLIN },
                { .fd = receiver->process.pidfd, .events = POLLIN },
                { .fd = container->end_signal_fd, .events = POLLIN },
        };
        int r = 0;

        if (!process_is_set(&receiver->process))
                return 0;

        while (r == 0) {
                r = poll(fds, ELEMENTSOF(fds), clock_poll_timeout(deadline_us));
                if (r < 0 && errno != EINTR)
                        return log_error_errno(-errno, "Failed to wait for '%s'", program);
                if (r == 0)
                        return log_error_errno(-ETIMEDOUT, "Failed to wait for '%s'", program);
                if (r > 0 && fds[2].revents)
                        return log_error_errno(-ECANCELED, "Gave up starting machine '%s'",
                                        container->plan->name);
                r = hear(receiver);
                if (r == 0 && fds[1].revents) {
                        log_error("'%s' ended before it could write the payload's journal in '%s': "
                                  "%s",
                                        program, container->plan->receiver.folder,
                                        last_words(container));
                        return -ECHILD;
                }
        }

        receiver->notify_fd = fd_close(receiver->notify_fd);
        return 0;
}

void receiver_ended(Container *container) {
        Receiver *receiver = &container->receiver;

        log_warning("'%s' has ended, so the payload's journal is not written in '%s' any more: %s",
                        container->plan->receiver.program, container->plan->receiver.folder,
                        last_words(container));
        process_done(&receiver->process);
}

/* Until it has read all that came. */
static void drain(const Receiver *receiver) {
        struct pollfd end = { .fd = receiver->process.pidfd, .events = POLLIN };
        uint64_t deadline_us = clock_monotonic_us() + DRAIN_TIMEOUT_US;

        while (!process_awaits_events(&receiver->process) && clock_monotonic_us() < deadline_us)
                if (poll(&end, 1, DRAIN_STEP_MS) != 0)
                        return;
}

void receiver_done(Container *container) {
        Receiver *receiver = &container->receiver;
        siginfo_t info;

        if (process_is_set(&receiver->process)) {
                drain(receiver);
                if (process_signal(&receiver->process, SIGTERM) >= 0 &&
                                process_wait(&receiver->process,
                                                clock_monotonic_us() + END_TIMEOUT_US, &info) < 0)
                        log_warning("'%s' does not end, killing it",
                                        container->plan->receiver.program);
        }
        process_done(&receiver->process);
        receiver->socket_fd = fd_close(receiver->socket_fd);
        receiver->notify_fd = fd_close(receiver->notify_fd);
        receiver->words_fd = fd_close(receiver->words_fd);
}
