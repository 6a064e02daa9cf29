/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Namespaces of the calling process that the manager leaves for a moment and comes back to.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/* Opens our own namespace of KIND ("mnt", "time", …); an O_CLOEXEC fd the caller owns. */
int namespace_open_own(const char *kind);

/* Whether the kernel has namespaces of KIND. */
bool namespace_is_supported(const char *kind);

/* Whether our user namespace is the kernel's first one, whose root may make device nodes. False as
 * well if /proc does not say. Source: PROC_USER_INIT_INO in linux/nsfs.h, mknod(2). */
bool namespace_is_first_of_users(void);

/* Where a process is among mounts. A mount namespace is entered at its own root, so root and
 * working directory (a caller's chroot, say) are remembered as well. */
typedef struct {
        int namespace_fd;
        int root_fd;
        int directory_fd;
} MountHome;

#define MOUNT_HOME_NONE                                                                            \
        ((MountHome){ .namespace_fd = -EBADF, .root_fd = -EBADF, .directory_fd = -EBADF })

/* Remembers where we are in RET_HOME, for namespace_return_home(). */
int namespace_open_home(MountHome *ret_home);

/* Goes back and empties HOME; does nothing if it is empty. After an error HOME is as it was. */
int namespace_return_home(MountHome *home);

/* Enters a new mount namespace in which nothing reaches the host's any more.
 *
 * -ENOSPC if user.max_mnt_namespaces forbids more; -EINVAL if our root is not one of a mount. */
int namespace_unshare_mounts(void);

/* Puts children from now on into a new time namespace with these offsets to the host's clocks, in
 * microseconds. Ends with namespace_return() to the time namespace opened before.
 *
 * -ERANGE if a clock would become negative. Source: time_namespaces(7), Linux 5.6. */
int namespace_unshare_time(int64_t boottime_offset_us, int64_t monotonic_offset_us);

/* Goes back into the namespace FD (from namespace_open_own()). */
int namespace_return(int fd);
