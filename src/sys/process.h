/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A child process: its pid and its pidfd as one value.
 *
 * Three states: empty (PROCESS_NONE), running (both set), and ended but not yet waited for (the
 * pidfd polls readable). After process_wait() it is empty again. Signals go through the pidfd, so
 * a recycled pid can never be hit.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>

typedef struct {
        pid_t pid;
        int pidfd;
} Process;

#define PROCESS_NONE ((Process){ .pid = 0, .pidfd = -EBADF })

static inline bool process_is_set(const Process *process) {
        return process->pid > 0;
}

/* fork(): 0 in the child, 1 in the parent with the child in RET_PROCESS, or -errno. */
int process_fork(Process *ret_process);

/* Whether it sleeps in epoll_wait(2) or a kin, so that it has dealt with all that came before.
 * False as well if it has ended. Source: proc_pid_syscall(5). */
bool process_awaits_events(const Process *process);

/* Sends SIGNAL; -ESRCH if it has ended, or if PROCESS is empty. */
int process_signal(const Process *process, int signal);

/* Waits at most until DEADLINE_US (CLOCK_MONOTONIC) for the end and reaps.
 *
 * Returns 0 with the siginfo, -ETIMEDOUT, or -errno; on success PROCESS becomes empty. */
int process_wait(Process *process, uint64_t deadline_us, siginfo_t *ret_info);

/* Kills, reaps and empties PROCESS in any state. A process that cannot die within two seconds
 * (uninterruptible in the kernel) is left to the system. */
void process_done(Process *process);

/* Whether there is a process of that number: any, it may be another by now. */
bool process_exists(pid_t pid);

/* What tells PID from any other process that ever has this number: when it started, and in which
 * PID namespace, as text for a file. Good until the machine boots again.
 *
 * -ESRCH if it has ended and was reaped. Source: proc_pid_stat(5), pid_namespaces(7). */
enum { PROCESS_IDENTITY_SIZE = 64 };
int process_identify(pid_t pid, char ret_identity[static PROCESS_IDENTITY_SIZE]);

/* Kills the process that PID was when it was given IDENTITY, and waits for its end; it need not be
 * a child of ours.
 *
 * Returns 1; 0 if there is none any more; -ETIMEDOUT, or -errno. */
int process_kill_identified(pid_t pid, const char *identity, uint64_t deadline_us);

/* Microseconds of CLOCK_MONOTONIC, and of CLOCK_BOOTTIME. */
uint64_t clock_monotonic_us(void);
uint64_t clock_boottime_us(void);

/* Milliseconds until DEADLINE_US for poll(): 0 when past, rounded up, -1 for UINT64_MAX (never). */
int clock_poll_timeout(uint64_t deadline_us);
