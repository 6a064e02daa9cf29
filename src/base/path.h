/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Paths as text. Nothing here touches a file: a path inside an untrusted tree is followed only by
 * sys/rootpath.
 */

#include <stdbool.h>

#include "base/arena.h"

/* Starts with a slash. */
bool path_is_absolute(const char *path);

/* Has no "." or ".." component and no component over 255 bytes; doubled slashes are fine. */
bool path_is_normalized(const char *path);

/* Removes doubled and trailing slashes and "." components; ".." is kept. "" stays "". */
char *path_simplify(Arena *arena, const char *path);

/* A and B with exactly one slash between them; an empty B gives A. */
char *path_join(Arena *arena, const char *a, const char *b);

/* The last component without trailing slashes: "/a/b/" gives "b"; "/" and "" give "". */
char *path_last(Arena *arena, const char *path);

/* Everything before the last component: "/a/b" gives "/a"; "/a" gives "/"; "a" gives ".". */
char *path_parent(Arena *arena, const char *path);

/* Whether PATH is BASE or lies below it; both absolute and simplified. */
bool path_is_below(const char *path, const char *base);
