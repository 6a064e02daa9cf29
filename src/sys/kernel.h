/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System calls that glibc 2.36 has no wrapper for, and constants newer than its headers. The only
 * place for #ifdefs.
 */

#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECBIT_NO_SETUID_FIXUP
#define SECBIT_NO_SETUID_FIXUP (1 << 2)
#endif

/* Some architectures have only the newer call. */
#ifndef SYS_epoll_wait
#define SYS_epoll_wait SYS_epoll_pwait
#endif

/* fork() with namespaces, a pidfd and a cgroup; returns like fork(). See clone(2), clone3. */
static inline pid_t kernel_clone3(const struct clone_args *arguments) {
        return (pid_t)syscall(SYS_clone3, arguments, sizeof *arguments);
}

/* openat2(2), Linux 5.6. */
static inline int kernel_openat2(int at_fd, const char *path, const struct open_how *how) {
        return (int)syscall(SYS_openat2, at_fd, path, how, sizeof *how);
}

/* pivot_root(2). */
static inline int kernel_pivot_root(const char *new_root, const char *put_old) {
        return (int)syscall(SYS_pivot_root, new_root, put_old);
}
