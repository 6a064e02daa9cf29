/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside config/ only: what to say about a section or key that the option table does not have.
 */

#include <stdbool.h>

#include "base/arena.h"

/* Whether the option table, or systemd-nspawn, has the section NAME. */
bool settings_section_is_known(const char *name);

/* Why the section NAME means nothing, with a suggestion if it looks misspelt. */
const char *settings_explain_section(Arena *arena, const char *name);

/* Why KEY means nothing in SECTION: systemd-nspawn has it and we do not yet, it belongs to another
 * section, or nobody knows it; then with a suggestion if it looks misspelt. */
const char *settings_explain_key(Arena *arena, const char *section, const char *key);

/* Keys of systemd-nspawn that no option has yet, as "Section.Key", until NULL. */
const char *const *settings_missing_keys(void);
