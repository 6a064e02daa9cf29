/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mandatory access control: under which label a process goes on after its next exec.
 *
 * The kernel runs at most one of the two modules. No library of theirs is needed: it is one file.
 */

#include <stdbool.h>

typedef enum {
        SECURITY_SELINUX,  /* labels are called contexts */
        SECURITY_APPARMOR, /* and profiles */
        SECURITY_MODULE_MAX,
} SecurityModule;

/* Whether SELinux, whose file system is mounted, has a policy. Without one it takes any label and
 * makes the same of all of them. Source: libselinux asks the same way; tried on Linux 6.1. */
bool security_has_selinux_policy(void);

/* Whether AppArmor is active. Source: aa_is_enabled(2). */
bool security_has_apparmor(void);

/* Has the next exec of this process, or of a child that it forks until then, run under LABEL; if
 * that cannot be, the exec fails. PROC_FD is the root folder of a proc file system that knows us.
 *
 * Errors: -EINVAL (SELinux: the policy has no such label), -ENOENT (AppArmor: no such profile is
 * loaded; or the module is not there at all), -EACCES and -EPERM (a policy forbids it), -EXDEV (the
 * file is covered by a mount), -EBADF (PROC_FD is something else).
 * Source: setexeccon(3), aa_change_onexec(2), proc_pid_attr(5). */
int security_set_exec_label(int proc_fd, SecurityModule module, const char *label);
