/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing into a Config: the rules of precedence and trust, and the record of what counts.
 *
 * A value of lower rank than its slot's is ignored, a value of higher rank first resets the whole
 * slot. At equal rank lists add up, and of everything else the last value wins, unless two options
 * contradict each other.
 */

#include "config/options.h"

/* Where a value comes from. */
typedef struct {
        ConfigRank rank;
        bool is_trusted;    /* may set OPTION_TRUSTED rows */
        const char *place;  /* for messages: "--uuid=x", "web.nspawn:12: UUID=" */
        const char *source; /* for the record: "command line", "web.nspawn:12" */
} OptionOrigin;

/* Sets OPTION in CONFIG to TEXT (NULL: its fixed text).
 *
 * Returns 0 (also if ignored; distrust leaves a warning), or -EINVAL with an error note that
 * starts with the origin's place; then nothing was changed. */
int config_set(Config *config,
                const Option *option,
                const char *text,
                const OptionOrigin *origin,
                Notes *notes);

/* Puts OPTION back to its default by the same rules: what "KEY=" in a settings file means. */
void config_reset(Config *config, const Option *option, const OptionOrigin *origin, Notes *notes);
