/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of systemd units.
 */

#include "base/arena.h"

/* Longest name of a unit, suffix and all. */
enum { UNIT_NAME_MAX = 255 };

/* Escapes TEXT for use inside a unit name: "a-b" becomes "a\x2db", "/" becomes "-".
 * Source: systemd.unit(5), "String escaping for inclusion in unit names". */
const char *unit_name_escape(Arena *arena, const char *text);

/* The absolute path that TEXT stands for in the name of a mount unit: "var-lib" is "/var/lib", and
 * "-" is "/". NULL if an escape is none. Source: as above. */
const char *unit_name_unescape_path(Arena *arena, const char *text);
