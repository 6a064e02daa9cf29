/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host's files and folders that the user wants to see inside: opened once, before anything is
 * planned, so that what is mounted is what was looked at, also after a reboot inside.
 *
 * A source has the index of its SourceFacts; the folders that a plan has made for the run follow.
 */

#include "config/config.h"
#include "plan/plan.h"

typedef struct {
        Arena arena;
        int *fds; /* O_PATH; -EBADF for what could not be opened */
        size_t n_fds, n_allocated;
        size_t n_folders_made; /* of the plan's */
} Sources;

#define SOURCES_NONE ((Sources){ 0 })

/* Opens what the mounts of CONFIG name and writes down what it is in FACTS. What cannot be opened
 * is a fact too: whether it matters is for the plan to say. */
void sources_open(const Config *config, Facts *facts, Sources *sources);

/* Opens PATH as one more source, unless it is one already. For others than the mounts of a Config
 * whose plans have rows of MOUNT_BIND_SOURCE. 0, or why it could not be opened: -ENOENT, … */
int sources_add(Facts *facts, Sources *sources, const char *path);

/* Makes the folders of PLAN on the host, to be called when the record names them. Logged. */
int sources_make_folders(const Plan *plan, Sources *sources);

/* Removes FOLDERS, which a killed run has left: absolute paths from its record. */
void sources_sweep(Arena *arena, const StringList *folders);

/* Removes those that are not to be kept, with all that is in them, and closes everything. */
void sources_done(const Plan *plan, Sources *sources);
