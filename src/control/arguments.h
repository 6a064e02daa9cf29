/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: the words behind a verb. Options and names may stand in any order; "--"
 * ends the options.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* What a verb takes; every verb takes --help. */
enum {
        VERB_NAMES = 1 << 0, /* one machine name at least; without it: no names */
        VERB_JSON = 1 << 1,
        VERB_NO_LEGEND = 1 << 2,
        VERB_FORCE = 1 << 3,
        VERB_TIMEOUT = 1 << 4,
        VERB_START = 1 << 5,  /* all other words are those of a start, as are letters */
        VERB_PLACE = 1 << 6,  /* one word that means a folder of changes */
        VERB_TARGET = 1 << 7, /* and perhaps the path of a tree */
};

typedef struct {
        Arena arena;      /* owns the strings */
        unsigned given;   /* VERB_… bits of what was there */
        StringList names; /* valid machine names, none of them twice */
        uint64_t timeout_us;
        StringList places;      /* VERB_PLACE, VERB_TARGET: as they are */
        StringList start_words; /* VERB_START: in their order, behind the program's name */
} Arguments;

/* Reads the words of the verb ARGV[0].
 *
 * Returns 1 to go on; 0 if --help was printed; -EINVAL after an error line. End with
 * arguments_done() in any case. */
int arguments_parse(int argc, char **argv, Arguments *ret_arguments);

void arguments_done(Arguments *arguments);
