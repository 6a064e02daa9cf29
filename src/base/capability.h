/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of capabilities, and sets of them as masks with one bit each.
 */

#include <stdint.h>

#include "base/arena.h"

#define CAPABILITY_BIT(capability) (1ULL << (capability))

/* All that any kernel has, also those that have no name here yet. */
#define CAPABILITIES_ALL UINT64_MAX

/* How many have a name: all of Linux 5.9 to 6.18. */
enum { CAPABILITY_NAMES = 41 };

/* "CAP_CHOWN" for 0 and so on; NULL from CAPABILITY_NAMES on. */
const char *capability_name(unsigned capability);

/* The number of "CAP_CHOWN", "cap_chown", "chown" or "0"; -EINVAL if there is none. */
int capability_find(const char *name);

/* The names in MASK; those without a name by number, or as "others" if all of them are there. */
StringList capability_list(Arena *arena, uint64_t mask);

/* The same as one text with spaces in between. */
const char *capability_join(Arena *arena, uint64_t mask);
