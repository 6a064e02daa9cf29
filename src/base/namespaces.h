/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of the kinds of namespaces, as in /proc/PID/ns, and sets of them as masks of CLONE_NEW….
 */

#include <linux/sched.h>
#include <stdint.h>

#include "base/arena.h"

#define NAMESPACES_ALL                                                                             \
        ((uint32_t)(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID |   \
                        CLONE_NEWTIME | CLONE_NEWUSER | CLONE_NEWUTS))

/* The flag for "user" and so on; 0 if there is no such kind. */
uint32_t namespaces_find(const char *name);

/* The names of those in MASK. */
StringList namespaces_list(Arena *arena, uint32_t mask);
