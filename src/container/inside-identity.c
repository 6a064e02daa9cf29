/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "container/inside.h"
#include "sys/kernel.h"
#include "sys/link.h"
#include "sys/terminal.h"

/* Lets every group of the payload send pings without privileges, as a host does: those of its first
 * range, since the kernel takes only one. */
static void open_ping_groups(const Plan *plan) {
        char text[64];

        if (!plan->ids.is_boundary || !plan->has_private_network)
                return;

        (void)snprintf(text, sizeof text, "0 %u", plan->ids.ranges[0].count - 1);
        (void)io_write_file(AT_FDCWD, "/proc/sys/net/ipv4/ping_group_range", text); /* a comfort */
}

int inside_make_namespaces(Inside *inside) {
        const Plan *plan = inside->plan;
        int flags = 0, r;

        if (plan->has_private_network)
                flags |= CLONE_NEWNET;
        if (plan->has_ipc_namespace)
                flags |= CLONE_NEWIPC;
        if (plan->has_uts_namespace)
                flags |= CLONE_NEWUTS;
        if (flags != 0 && unshare(flags) < 0)
                return log_error_hint(-errno,
                                errno == ENOSPC ? "user.max_*_namespaces forbids more namespaces"
                                                : NULL,
                                "Failed to make the payload's namespaces");

        if (plan->has_uts_namespace && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
                return log_error_errno(-errno, "Failed to set the host name '%s'", plan->hostname);

        if (plan->has_private_network) {
                r = link_loopback_up();
                if (r < 0)
                        return log_error_errno(r, "Failed to bring the loopback interface up");
        }

        return 0;
}

int inside_set_identity(Inside *inside) {
        open_ping_groups(inside->plan);

        /* The caller's session keys are not namespaced: leave them behind. */
        if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) < 0 && errno != ENOSYS)
                return log_error_errno(-errno, "Failed to make a session keyring");

        (void)umask(0022);
        return 0;
}

int inside_open_console(Inside *inside) {
        CLEANUP_CLOSE int devpts_fd = -EBADF;
        char name[TERMINAL_NAME_MAX];
        int r;

        if (inside->plan->process.console == CONSOLE_PIPE)
                return 0;

        devpts_fd = open("/dev/pts", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (devpts_fd < 0)
                return log_error_errno(-errno, "Failed to open '/dev/pts'");
        r = terminal_open_pty(devpts_fd, &inside->master_fd, name);
        if (r < 0)
                return log_error_errno(r, "Failed to make the console");
        if (!text_equal(name, "0"))
                return log_error_errno(-EEXIST, "The console became '/dev/pts/%s'", name);

        inside->console_fd = terminal_open_peer(inside->master_fd);
        if (inside->console_fd < 0)
                return log_error_errno(inside->console_fd, "Failed to open the console");

        return 0;
}
