/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Work on the files of a tree that takes a while: a line that says how far it is, and the signals
 * SIGINT, SIGTERM and SIGHUP, which end it in order.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
        const char *what;
        bool is_shown;
        uint64_t n_files, n_bytes, shown_us;
        sigset_t old_mask;
} Progress;

/* Begins the work on WHAT (borrowed). The signals are held back until progress_end(). */
void progress_begin(Progress *progress, const char *what);

/* Counts and shows: on a terminal anew ten times a second, else with one notice; nothing of what is
 * done at once. For TreeCopyHow. Returns 0, or -ECANCELED once one of the signals has come. */
int progress_add(void *progress, unsigned n_files, uint64_t n_bytes);

/* Returns R, what the work did, or -ECANCELED if a signal has come that nobody has heeded yet. */
int progress_end(Progress *progress, int r);
