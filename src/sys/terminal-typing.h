/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A terminal that is shared with somebody who is not trusted: whoever has it open, and may, can
 * push characters into its input, which its shell then reads as if they had been typed.
 */

/* Makes TIOCSTI and TIOCLINUX fail with EPERM for the calling process and all that it will start,
 * for good, on every terminal. Calls of all architectures that run here are looked at, and of the
 * request only the half that the kernel looks at.
 *
 * Errors: -EACCES (neither CAP_SYS_ADMIN in our user namespace nor no_new_privs), -ENOSYS (the
 * kernel has no filters), -ENOMEM. Source: seccomp(2), ioctl_tty(2), ioctl_console(2). */
int terminal_forbid_typing(void);
