/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One poll() over everything that can happen while a payload runs. Nothing here waits for anything
 * else: each source is handled in small pieces, and every wait of the whole has a deadline.
 */

#include "container/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "container/payload-notify.h"
#include "container/register.h"
#include "container/stop.h"
#include "sys/notify.h"

enum { EXIT_STATUS_REBOOT = 133 }; /* what the unit takes as "start me again" */
enum { STOP_RETRY_US = 20 * 1000, DRAIN_TIMEOUT_US = 2 * 1000 * 1000 };
/* A killed payload is gone in milliseconds, unless the kernel waits for something of its own. */
enum { DEATH_TIMEOUT_US = 3 * 1000 * 1000 };

/* The sources, in the order in which they are handled. */
enum {
        SOURCE_END_SIGNAL,
        SOURCE_SIGNAL,
        SOURCE_NOTIFY,
        SOURCE_BUS,
        SOURCE_RECEIVER,
        SOURCE_CONSOLE,
        SOURCE_PAYLOAD = SOURCE_CONSOLE + CONSOLE_POLL_MAX,
        SOURCE_MAX,
};

typedef struct {
        Container *container;
        bool is_stopping; /* the payload was asked to stop */
        bool is_killed;
        StopKind stop_kind;
        uint64_t retry_us;    /* ask again then; UINT64_MAX: it has listened */
        uint64_t watchdog_us; /* next sign of life; UINT64_MAX: none wanted */
        uint64_t bus_us;
        uint64_t give_up_us; /* it was killed, and should be dead by then */
} Supervisor;

static int open_signals(const int *signals, size_t n_signals, int *ret_fd) {
        sigset_t set;
        int fd;

        sigemptyset(&set);
        for (size_t i = 0; i < n_signals; i++)
                sigaddset(&set, signals[i]);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;

        fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd < 0)
                return -errno;

        *ret_fd = fd;
        return 0;
}

int supervise_open_signals(int *ret_end_signal_fd, int *ret_signal_fd) {
        static const int end_signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
        static const int signals[] = { SIGWINCH, SIGCONT, SIGPIPE };
        int r;

        r = open_signals(end_signals, ELEMENTSOF(end_signals), ret_end_signal_fd);
        return r < 0 ? r : open_signals(signals, ELEMENTSOF(signals), ret_signal_fd);
}

static void kill_payload(Supervisor *supervisor) {
        int r = process_signal(&supervisor->container->payload, SIGKILL);

        if (r < 0 && r != -ESRCH)
                log_error_errno(r, "Failed to kill the payload");
        if (!supervisor->is_killed)
                supervisor->give_up_us = clock_monotonic_us() + DEATH_TIMEOUT_US;
        supervisor->is_killed = true;
        supervisor->retry_us = UINT64_MAX;
}

static StopPayload payload_kind(const ProcessPlan *process) {
        if (process->has_stub_init)
                return STOP_PAYLOAD_STUB;

        return process->kind == PROCESS_BOOT ? STOP_PAYLOAD_INIT : STOP_PAYLOAD_COMMAND;
}

static void ask_to_stop(Supervisor *supervisor) {
        const Plan *plan = supervisor->container->plan;
        const StopTarget target = {
                .process = &supervisor->container->payload,
                .payload = payload_kind(&plan->process),
                .kill_signal = MAX_OF(plan->process.kill_signal, 0),
                .root_uid = plan->ids.root_id,
        };
        /* A plan may say that there is nothing to ask with, as systemd-nspawn has it. */
        int r = plan->process.kill_signal < 0 ? -EOPNOTSUPP
                                              : stop_request(&target, supervisor->stop_kind);

        supervisor->retry_us = r == -EAGAIN ? clock_monotonic_us() + STOP_RETRY_US : UINT64_MAX;
        if (r < 0 && r != -EAGAIN && r != -ESRCH)
                kill_payload(supervisor);
}

/* First time: an orderly end. Second time: at once. */
static void stop_payload(Supervisor *supervisor, StopKind kind) {
        if (supervisor->is_stopping) {
                kill_payload(supervisor);
                return;
        }

        supervisor->is_stopping = true;
        supervisor->stop_kind = kind;
        payload_notify_stopping();
        ask_to_stop(supervisor);
}

/* systemd-machined (258 and later) counts us as the supervisor of a machine and sends SIGTERM to
 * end it, also when it sees that the leader has died before we unregister it. In a reboot that
 * is no request of anybody's. */
static bool is_echo_of_end(const struct signalfd_siginfo *info) {
        char path[32], name[32];
        ssize_t n;

        (void)snprintf(path, sizeof path, "/proc/%u/comm", info->ssi_pid);
        n = io_read_file(AT_FDCWD, path, name, sizeof name);
        return n > 0 && info->ssi_uid == 0 && text_after(name, "systemd-machine");
}

static bool has_ended(const Process *payload) {
        struct pollfd pollfd = { .fd = payload->pidfd, .events = POLLIN };

        return poll(&pollfd, 1, /* timeout= */ 0) > 0;
}

static void handle_signals(Supervisor *supervisor, int fd) {
        struct signalfd_siginfo info;

        while (read(fd, &info, sizeof info) == sizeof info)
                switch (info.ssi_signo) {
                case SIGWINCH:
                        console_resize(&supervisor->container->console);
                        break;
                case SIGCONT:
                        console_resume(&supervisor->container->console);
                        break;
                case SIGPIPE:
                        break; /* blocked: the write has failed, and its caller knows */
                default:
                        if (!has_ended(&supervisor->container->payload) || !is_echo_of_end(&info))
                                stop_payload(supervisor, STOP_POWEROFF);
                        break;
                }
}

static void handle_console(Supervisor *supervisor, const struct pollfd *fds) {
        Container *container = supervisor->container;

        switch (console_process(&container->console, fds)) {
        case CONSOLE_EVENT_NONE:
                break;
        case CONSOLE_EVENT_KILL:
                kill_payload(supervisor);
                break;
        case CONSOLE_EVENT_REBOOT:
                stop_payload(supervisor, STOP_REBOOT);
                break;
        case CONSOLE_EVENT_POWEROFF:
                stop_payload(supervisor, STOP_POWEROFF);
                break;
        case CONSOLE_EVENT_HANGUP:
                /* A machine whose output nobody reads runs on; one whose user is gone does not. */
                if (container->plan->process.console == CONSOLE_INTERACTIVE)
                        stop_payload(supervisor, STOP_POWEROFF);
                break;
        }
}

static void handle_deadlines(Supervisor *supervisor) {
        uint64_t now = clock_monotonic_us();

        if (now >= supervisor->retry_us)
                ask_to_stop(supervisor);
        if (now >= supervisor->watchdog_us) {
                (void)notify_send("WATCHDOG=1"); /* The next one may get through. */
                supervisor->watchdog_us = now + notify_watchdog_interval();
        }
}

static uint64_t next_deadline(const Supervisor *supervisor) {
        uint64_t deadline = MIN_OF(supervisor->retry_us, supervisor->watchdog_us);

        return MIN_OF(MIN_OF(deadline, supervisor->bus_us), supervisor->give_up_us);
}

static void fill_poll(Supervisor *supervisor, struct pollfd fds[static SOURCE_MAX]) {
        Container *container = supervisor->container;

        fds[SOURCE_END_SIGNAL] =
                        (struct pollfd){ .fd = container->end_signal_fd, .events = POLLIN };
        fds[SOURCE_SIGNAL] = (struct pollfd){ .fd = container->signal_fd, .events = POLLIN };
        fds[SOURCE_NOTIFY] = (struct pollfd){ .fd = container->notify_fd, .events = POLLIN };
        fds[SOURCE_PAYLOAD] = (struct pollfd){ .fd = container->payload.pidfd, .events = POLLIN };
        fds[SOURCE_RECEIVER] = (struct pollfd){ .fd = container->receiver.process.pidfd,
                .events = POLLIN };
        register_get_poll(container, &fds[SOURCE_BUS], &supervisor->bus_us);
        console_fill_poll(&container->console, fds + SOURCE_CONSOLE);
}

/* One turn of the loop; whether the payload has ended. */
static bool turn(Supervisor *supervisor) {
        Container *container = supervisor->container;
        struct pollfd fds[SOURCE_MAX];

        fill_poll(supervisor, fds);
        if (poll(fds, SOURCE_MAX, clock_poll_timeout(next_deadline(supervisor))) < 0) {
                if (errno != EINTR) { /* out of memory: nothing can be supervised any more */
                        log_error_errno(-errno, "Failed to wait for events");
                        kill_payload(supervisor);
                        return true;
                }
                return false; /* all signals that matter come through the signalfds */
        }

        if (fds[SOURCE_END_SIGNAL].revents)
                handle_signals(supervisor, container->end_signal_fd);
        if (fds[SOURCE_SIGNAL].revents)
                handle_signals(supervisor, container->signal_fd);
        if (fds[SOURCE_NOTIFY].revents)
                payload_notify_process(container);
        if (fds[SOURCE_BUS].revents || clock_monotonic_us() >= supervisor->bus_us)
                if (register_process(container))
                        stop_payload(supervisor, STOP_POWEROFF);
        if (fds[SOURCE_RECEIVER].revents)
                receiver_ended(container);
        handle_console(supervisor, fds + SOURCE_CONSOLE);
        handle_deadlines(supervisor);
        return fds[SOURCE_PAYLOAD].revents != 0 || clock_monotonic_us() >= supervisor->give_up_us;
}

/* What the end of PID 1 means; see reboot(2) for what the kernel makes of it in a pid namespace. */
static Outcome judge(const Supervisor *supervisor, const siginfo_t *info) {
        bool has_pid_namespace = supervisor->container->plan->has_pid_namespace;
        char name[16];

        if (info->si_code == CLD_EXITED)
                return (Outcome){ OUTCOME_EXIT,
                        info->si_status == EXIT_STATUS_REBOOT ? EXIT_FAILURE : info->si_status };
        /* Without a PID namespace a signal is just a signal. */
        if (has_pid_namespace && info->si_code == CLD_KILLED && info->si_status == SIGINT)
                return (Outcome){ OUTCOME_EXIT, EXIT_SUCCESS };
        if (has_pid_namespace && info->si_code == CLD_KILLED && info->si_status == SIGHUP) {
                /* Who asked for an end gets one, whatever the payload makes of it. */
                if (supervisor->is_stopping && supervisor->stop_kind == STOP_POWEROFF)
                        return (Outcome){ OUTCOME_EXIT, EXIT_SUCCESS };
                return (Outcome){ OUTCOME_REBOOT, EXIT_STATUS_REBOOT };
        }

        if (!supervisor->is_killed)
                log_error("Machine '%s' was ended by %s", supervisor->container->plan->name,
                                signal_to_name(info->si_status, name));
        return (Outcome){ OUTCOME_EXIT, EXIT_FAILURE };
}

Outcome supervise(Container *container) {
        uint64_t interval = notify_watchdog_interval();
        Supervisor supervisor = {
                .container = container,
                .retry_us = UINT64_MAX,
                .watchdog_us = interval > 0 ? clock_monotonic_us() + interval : UINT64_MAX,
                .bus_us = UINT64_MAX,
                .give_up_us = UINT64_MAX,
        };
        siginfo_t info;
        int r;

        while (!turn(&supervisor))
                ;

        /* The last words of PID 1 may still wait in the socket (whose sender's pid must still be
         * its own, so before it is reaped) and in the pty. */
        payload_notify_process(container);
        r = process_wait(&container->payload, clock_monotonic_us(), &info);
        console_drain(&container->console, clock_monotonic_us() + DRAIN_TIMEOUT_US);
        if (r == -ETIMEDOUT) {
                log_error("Machine '%s' cannot be killed: one of its processes hangs in the kernel",
                                container->plan->name);
                return (Outcome){ OUTCOME_EXIT, EXIT_FAILURE };
        }
        if (r < 0) {
                (void)log_error_errno(r, "Failed to wait for the payload");
                return (Outcome){ OUTCOME_EXIT, EXIT_FAILURE };
        }

        return judge(&supervisor, &info);
}

bool supervise_is_end_wanted(const Container *container) {
        struct signalfd_siginfo info;
        bool is_wanted = false;

        while (read(container->end_signal_fd, &info, sizeof info) == sizeof info)
                if (!is_echo_of_end(&info))
                        is_wanted = true;
        return is_wanted;
}
