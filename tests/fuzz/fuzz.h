/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a fuzz target is made of: a function that takes any bytes. A failed check ends the program.
 *
 * Memory, leaks and undefined behaviour are the sanitizers' to watch.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/notes.h"

/* Inputs are texts; longer ones find nothing new. */
enum { FUZZ_SIZE_MAX = 4096 };

/* One input. Returns 0, or -1 for an input that is not worth keeping. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program if CONDITION does not hold. */
#define FUZZ_MUST(condition) fuzz_must(condition, #condition)

static inline void fuzz_must(bool holds, const char *condition) {
        if (holds)
                return;

        (void)fprintf(stderr, "Must hold: %s\n", condition);
        abort(); /* The sanitizers' stack shows where. */
}

/* R is 0, or negative with an error as the last note. Notes are lines that a terminal can show. */
static inline void fuzz_check_result(int r, const Notes *notes) {
        FUZZ_MUST(r <= 0);
        if (r < 0) {
                FUZZ_MUST(notes->n_items > 0);
                FUZZ_MUST(notes->items[notes->n_items - 1].level == LOG_ERROR);
        }
        for (size_t i = 0; i < notes->n_items; i++) {
                FUZZ_MUST(r < 0 || notes->items[i].level != LOG_ERROR);
                for (const char *p = notes->items[i].text; *p; p++)
                        FUZZ_MUST((unsigned char)*p >= ' ' && *p != '\x7f');
        }
}
