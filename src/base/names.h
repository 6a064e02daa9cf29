/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Tables that name the values of an enum: names[VALUE] is the word for VALUE.
 *
 * The enum counts from 0 and ends in a …_MAX; a static_assert() ties the table to it. Gaps are
 * NULL: such values have no word that a user could write.
 */

#include <stddef.h>

#include "base/arena.h"

/* Index of NAME in NAMES, or -EINVAL. */
int names_find(const char *const *names, size_t n_names, const char *name);

/* All names separated by ", ", for messages and "help". */
const char *names_join(Arena *arena, const char *const *names, size_t n_names);
