/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside plan/ only: ways to put a file of the host's at PATH in the tree, where THERE says what
 * is there now. If that fails when the plan is carried out, it is a warning.
 */

#include "plan/build.h"

/* Lays a copy over PATH, a link included, by a mount that the payload may undo: for defaults, since
 * nothing in the tree changes but for an empty file where there is none.
 *
 * copy: FILE_DATA or FILE_LINK, a path below /run/host */
void place_cover(Plan *plan, const char *path, EntryKind there, const FileStep *copy);

/* Binds the host's SOURCE itself, for reading only, over PATH. */
void place_bind(const PlanBuild *build, const char *source, const char *path, EntryKind there);

/* Puts FILE's bytes, a link, or nothing (TARGET NULL) where PATH is; a directory stays. */
void place_copy(Plan *plan, const HostFile *file, const char *path, unsigned flags);
void place_link(Plan *plan, const char *target, const char *path);
void place_nothing(Plan *plan, const char *path);
