/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What each option takes and what it refuses, for the tests that walk all rows of the table. An
 * option without an entry fails them, so nobody adds one without saying that.
 */

#include "config/options.h"

typedef struct {
        const char *name; /* long name; else the letter; else the name of the argument */
        const char *good[16];
        const char *bad[24]; /* only ANY_TEXT_IS_GOOD: there is nothing bad */
} OptionExamples;

#define ANY_TEXT_IS_GOOD "any text is good"

/* The examples of OPTION, or NULL. */
const OptionExamples *option_examples_find(const Option *option);

/* All examples. */
const OptionExamples *option_examples(size_t *ret_n_examples);
