/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the option table looks like to people and to programs.
 */

#include <stdbool.h>

#include "config/options.h"

/* --help: usage and all options by group, at most 80 columns wide. */
const char *help_text(Arena *arena, bool as_nspawn);

/* --version: one line. */
const char *help_version(Arena *arena);

/* --dump-options: one line per option, fields separated by tabs; "-" is an empty field.
 *
 *   1 long name             4 name of the argument   7 words that the argument can be
 *   2 letter                5 settings key           8 group
 *   3 none, optional or     6 list, trusted,         9 help
 *     required (argument)     obsolete, alias
 *
 * Fields 6 and 7 are words separated by spaces. Later versions only add fields at the end. */
const char *help_dump(Arena *arena);

/* The words that OPTION takes, one per line, with what they stand for if that is not plain; "" if it
 * takes any text. */
const char *help_values(Arena *arena, const Option *option);
