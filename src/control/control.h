/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Verbs: what the program does besides running a machine, chosen by the first word.
 *
 * A verb is one row in control.c and one file verb-NAME.c. It reads the state records, so it works
 * the same on hosts with and without systemd.
 */

#include <stddef.h>

typedef struct {
        const char *name;
        const char *usage;   /* what follows the name: "NAME…" */
        const char *help;    /* a few words without a stop */
        unsigned options;    /* VERB_…: what it takes, see arguments.h */
        const char *details; /* more for --help, lines with their ends; "" for none */

        /* argv: the verb's name and what follows it
         * Returns the exit status; errors have been logged. */
        int (*run)(int argc, char **argv);
} ControlVerb;

/* The verb called WORD, or NULL: then WORD belongs to the ordinary command line. */
const ControlVerb *control_find(const char *word);

/* All verbs, in the order of "help". */
const ControlVerb *control_verbs(size_t *ret_n_verbs);
