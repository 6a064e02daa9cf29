/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One clone3() makes the process, in a user namespace of its own that will own all others, and puts
 * it into its control group. The time namespace for children has to be set before (fact 8). Of the
 * namespaces only those are made here that a process can have from its birth on alone, or that are
 * of its control group: the others take time, and the child makes them while the manager assembles
 * the tree. It shares the mount namespace in which that is done until then.
 */

#include "container/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "container/handshake.h"
#include "container/inside.h"
#include "container/resources.h"
#include "sys/audit.h"
#include "sys/kernel.h"
#include "sys/namespace.h"

static int enter_time_namespace(Container *container) {
        const TimePlan *time = &container->plan->time;
        int64_t boottime = time->boottime_from_zero ? -(int64_t)clock_boottime_us()
                                                    : time->boottime_offset_us;
        int64_t monotonic = time->monotonic_from_zero ? -(int64_t)clock_monotonic_us()
                                                      : time->monotonic_offset_us;
        int r;

        if (!time->is_own)
                return 0;

        container->time_namespace_fd = namespace_open_own("time");
        r = container->time_namespace_fd;
        if (r >= 0)
                r = namespace_unshare_time(boottime, monotonic);
        if (r < 0)
                return log_error_hint(r,
                                r == -ERANGE   ? "a clock would run before zero"
                                : r == -ENOSPC ? "user.max_time_namespaces forbids more"
                                               : NULL,
                                "Failed to make a time namespace");

        return 0;
}

static int leave_time_namespace(Container *container) {
        int r;

        if (container->time_namespace_fd < 0)
                return 0;

        r = namespace_return(container->time_namespace_fd);
        container->time_namespace_fd = fd_close(container->time_namespace_fd);
        if (r == -EPERM) /* We are in a user namespace that does not own it. Our few other
                          * children can stay where they are: the next boot starts anew. */
                return 0;
        if (r < 0)
                return log_error_errno(r, "Failed to go back to the host's time namespace");

        return 0;
}

static uint64_t clone_flags(const Container *container) {
        const Plan *plan = container->plan;
        uint64_t flags = CLONE_PIDFD;

        if (plan->has_pid_namespace)
                flags |= CLONE_NEWPID;
        if (plan->ids.has_namespace)
                flags |= CLONE_NEWUSER;
        /* A scope is made for a process that exists: there the group is entered, and its
         * namespace made, later. */
        if (plan->has_cgroup_namespace && plan->cgroup.kind != CGROUP_SCOPE)
                flags |= CLONE_NEWCGROUP;
        if (container->cgroup.is_entered_at_clone)
                flags |= CLONE_INTO_CGROUP;
        return flags;
}

static int clone_payload(Container *container, int child_end) {
        CLEANUP_CLOSE int group_fd = -EBADF;
        struct clone_args arguments = {
                .flags = clone_flags(container),
                .exit_signal = SIGCHLD,
                .pidfd = (uint64_t)(uintptr_t)&container->payload.pidfd,
        };
        pid_t pid;

        if (container->cgroup.is_entered_at_clone) {
                group_fd = open(container->cgroup.payload, O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (group_fd < 0)
                        return log_error_errno(-errno, "Failed to open control group '%s'",
                                        container->cgroup.payload);
                arguments.cgroup = (uint64_t)group_fd;
        }

        pid = kernel_clone3(&arguments);
        if (pid < 0)
                return log_error_hint(-errno,
                                errno == ENOSPC ? "user.max_*_namespaces forbids more namespaces"
                                                : NULL,
                                "Failed to make the payload's first process");
        if (pid == 0)
                container_inside(container, child_end);

        container->payload.pid = pid;
        return 0;
}

int container_spawn(Container *container) {
        CLEANUP_CLOSE int child_end = -EBADF;
        uint32_t login = audit_get_login();
        int ends[2], r, back;

        r = handshake_open(ends);
        if (r < 0)
                return log_error_errno(r, "Failed to make the handshake sockets");
        container->handshake_fd = ends[0];
        child_end = ends[1];
        resources_open(container);

        r = enter_time_namespace(container);
        if (r >= 0) {
                if (login != AUDIT_UNSET)
                        audit_set_login(AUDIT_UNSET);
                r = clone_payload(container, child_end);
                if (login != AUDIT_UNSET)
                        audit_set_login(login);
        }

        back = leave_time_namespace(container);
        return r < 0 ? r : back;
}
