/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: what a control group uses. GROUP is its directory on the host.
 */

#include <stdint.h>

/* Counts the processes in GROUP and below. -ENOENT if there is no such group; -errno. */
int group_count_processes(const char *group, uint64_t *ret_n_processes);

/* Memory charged to GROUP, caches included. -ENOENT where the memory controller is off. */
int group_read_memory(const char *group, uint64_t *ret_bytes);
