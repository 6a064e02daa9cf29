/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Namespaces of the calling process that the manager leaves for a moment and comes back to.
 */

#include <stdbool.h>
#include <stdint.h>

/* Opens our own namespace of KIND ("mnt", "time", …); an O_CLOEXEC fd the caller owns. */
int namespace_open_own(const char *kind);

/* Whether the kernel has namespaces of KIND. */
bool namespace_is_supported(const char *kind);

/* Enters a new mount namespace in which nothing reaches the host's any more. */
int namespace_unshare_mounts(void);

/* Puts children from now on into a new time namespace with these offsets to the host's clocks, in
 * microseconds. Ends with namespace_return() to the time namespace opened before.
 *
 * -ERANGE if a clock would become negative. Source: time_namespaces(7), Linux 5.6. */
int namespace_unshare_time(int64_t boottime_offset_us, int64_t monotonic_offset_us);

/* Goes back into the namespace FD (from namespace_open_own()). */
int namespace_return(int fd);
