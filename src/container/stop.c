/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"
#include "container/stop-file.h"

/* A real-time signal in a constant table: SIGRTMIN is a function in glibc. */
#define REALTIME_BASE 1000
#define REALTIME(n)   (REALTIME_BASE + (n))

/* First the file, then the signal; either may be missing. */
typedef struct {
        StopFileRequest file_request;
        int signal;
} StopMethod;

/* When a signal will not be lost. */
typedef enum {
        LISTENS_TO_IT,  /* it is caught, or blocked and read from a signalfd */
        LISTENS_TO_ANY, /* any signal is: PID 1 has come that far. For those that sit in
                         * sigtimedwait(), which takes its signals out of the blocked ones */
} ListenTest;

typedef struct {
        const char *program; /* last component of /proc/PID/exe */
        ListenTest test;
        StopMethod methods[STOP_KIND_MAX];
} StopRow;

/* Each row was tried for real with Debian's packages; all of these then end by reboot(2), which in
 * a pid namespace kills PID 1: with SIGINT for power off and halt, with SIGHUP for a restart. */
/* clang-format off */
static const StopRow rows[] = {
        /* systemd(1), "Signals" */
        { "systemd", LISTENS_TO_IT,
          { [STOP_POWEROFF] = { NULL, REALTIME(4) }, [STOP_REBOOT] = { NULL, REALTIME(5) } } },
        /* What systemd turns into at the end: nothing is left to ask for. */
        { "systemd-shutdown", LISTENS_TO_IT, { { NULL, 0 } } },
        /* sysvinit: init(8). Its SIGINT is what inittab says of Ctrl-Alt-Del, so not relied on. */
        { "init", LISTENS_TO_IT,
          { [STOP_POWEROFF] = { stop_file_sysvinit, 0 },
            [STOP_REBOOT] = { stop_file_sysvinit, 0 } } },
        { "openrc-init", LISTENS_TO_IT,
          { [STOP_POWEROFF] = { stop_file_openrc, 0 }, [STOP_REBOOT] = { stop_file_openrc, 0 } } },
        /* runit(8) */
        { "runit", LISTENS_TO_IT,
          { [STOP_POWEROFF] = { stop_file_runit, SIGCONT },
            [STOP_REBOOT] = { stop_file_runit, SIGCONT } } },
        /* finit(8) follows BusyBox. */
        { "finit", LISTENS_TO_IT,
          { [STOP_POWEROFF] = { NULL, SIGUSR2 }, [STOP_REBOOT] = { NULL, SIGTERM } } },
        { "busybox", LISTENS_TO_ANY,
          { [STOP_POWEROFF] = { NULL, SIGUSR2 }, [STOP_REBOOT] = { NULL, SIGTERM } } },
};
/* Our own stub init takes systemd's signals. */
static const StopRow stub_row = { NULL, LISTENS_TO_IT,
          { [STOP_POWEROFF] = { NULL, REALTIME(4) }, [STOP_REBOOT] = { NULL, REALTIME(5) } } };
/* clang-format on */

/* An init that is not in the table, by what it listens to: systemd's signals under another name
 * (an emulator's), else SIGTERM, whose one meaning is "end in order", and SIGINT, which the kernel
 * itself sends to init for Ctrl-Alt-Del: restart. */
static const int unknown_signals[STOP_KIND_MAX][2] = {
        [STOP_POWEROFF] = { REALTIME(4), SIGTERM },
        [STOP_REBOOT] = { REALTIME(5), SIGINT },
};

static const char *const kind_names[STOP_KIND_MAX] = {
        [STOP_POWEROFF] = "power off",
        [STOP_REBOOT] = "reboot",
};

static int signal_number(int signal) {
        return signal >= REALTIME_BASE ? SIGRTMIN + (signal - REALTIME_BASE) : signal;
}

/* The program of PID 1. A link's text only: nothing of the payload is opened or waited for. */
static int read_program(const Process *process, char *ret_name, size_t size) {
        char path[sizeof "/proc//exe" + DECIMAL_MAX];
        char target[PATH_MAX];
        const char *name;
        ssize_t n;

        (void)snprintf(path, sizeof path, "/proc/%d/exe", process->pid); /* Always fits. */
        n = readlink(path, target, sizeof target - 1);
        if (n < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        target[n] = '\0';

        /* An upgrade in the payload replaced the file. */
        if (text_ends_with(target, " (deleted)"))
                target[n - (ssize_t)strlen(" (deleted)")] = '\0';

        /* A name that has to be cut is no init's that we know. */
        name = strrchr(target, '/');
        name = name ? name + 1 : target;
        (void)snprintf(ret_name, size, "%.*s", (int)size - 1, name);
        return 0;
}

/* Adds the signals of one line of /proc/PID/status, a mask in hexadecimal. */
static uint64_t signals_in(const char *status, const char *key) {
        const char *line = strstr(status, key);

        return line ? strtoull(line + strlen(key), NULL, 16) : 0;
}

/* Whether SIGNAL will have an effect. */
static int listens_to(const Process *process, int signal, ListenTest test) {
        char path[sizeof "/proc//status" + DECIMAL_MAX];
        char status[8192];
        uint64_t signals;
        ssize_t n;

        if (signal == SIGKILL || signal == SIGSTOP)
                return true;

        (void)snprintf(path, sizeof path, "/proc/%d/status", process->pid); /* Always fits. */
        n = io_read_file(AT_FDCWD, path, status, sizeof status);
        if (n < 0)
                return n == -ENOENT ? -ESRCH : (int)n;

        signals = signals_in(status, "\nSigCgt:") | signals_in(status, "\nSigBlk:");
        return test == LISTENS_TO_ANY ? signals != 0 : (signals >> (signal - 1)) & 1;
}

static int send_signal(const StopTarget *target, int signal, ListenTest test) {
        char name[16];
        int r;

        r = listens_to(target->process, signal, test);
        if (r < 0)
                return r;
        if (r == 0)
                return -EAGAIN;

        r = process_signal(target->process, signal);
        if (r >= 0)
                log_debug("Sent %s to the payload", signal_to_name(signal, name));
        return r;
}

static int request_unknown(const StopTarget *target, StopKind kind) {
        int r = -EAGAIN;

        for (size_t i = 0; i < ELEMENTSOF(unknown_signals[kind]) && r == -EAGAIN; i++)
                r = send_signal(target, signal_number(unknown_signals[kind][i]), LISTENS_TO_IT);
        return r;
}

static int request_by(const StopTarget *target, const StopRow *row, StopKind kind) {
        const StopMethod *method = &row->methods[kind];
        int r;

        if (method->file_request) {
                r = stop_file_run(target, method->file_request, kind);
                if (r < 0)
                        return r;
        }

        if (method->signal == 0)
                return 0;

        return send_signal(target, signal_number(method->signal), row->test);
}

static int request_of_init(const StopTarget *target, StopKind kind) {
        char program[64];
        int r;

        r = read_program(target->process, program, sizeof program);
        if (r < 0)
                return r;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (text_equal(rows[i].program, program)) {
                        log_debug("Asking '%s' to %s", rows[i].program, kind_names[kind]);
                        return request_by(target, &rows[i], kind);
                }

        log_debug("Asking an init that is not known to %s", kind_names[kind]);
        return request_unknown(target, kind);
}

int stop_request(const StopTarget *target, StopKind kind) {
        int r = -EOPNOTSUPP;

        /* While the child is not reaped its pid is its own, so /proc/PID is the right one. */
        if (process_signal(target->process, 0) < 0)
                return -ESRCH;

        if (kind == STOP_POWEROFF && target->kill_signal != 0)
                r = send_signal(target, target->kill_signal, LISTENS_TO_ANY);
        else
                switch (target->payload) {
                case STOP_PAYLOAD_INIT:
                        r = request_of_init(target, kind);
                        break;
                case STOP_PAYLOAD_STUB:
                        r = request_by(target, &stub_row, kind);
                        break;
                case STOP_PAYLOAD_COMMAND:
                        break;
                }

        if (r < 0 && r != -EAGAIN && r != -EOPNOTSUPP && r != -ESRCH)
                return log_warning_errno(r, "Failed to ask the payload to %s", kind_names[kind]);
        return r;
}
