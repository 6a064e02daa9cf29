/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: the folder of changes that a word of the command line means.
 */

#include "base/arena.h"

/* A word with a slash is a folder. Without one it is the name of a machine that runs, and what that
 * has changed; or a folder here.
 *
 * 0, with a path in ARENA; or a logged error: -ENOENT (neither, or the machine has its tree alone),
 * and if the folder is to be changed (IS_CHANGED) -EBUSY (the machine does that). */
int changes_folder_find(Arena *arena, const char *word, bool is_changed, const char **ret_path);
