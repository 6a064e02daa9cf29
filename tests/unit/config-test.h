/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A Config filled from words, for the tests of config/.
 */

#include "unit-test.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config/command-line.h"

enum { WORDS_MAX = 32 };

typedef struct {
        Config config;
        Notes notes;
        CommandLine result;
        int r; /* of command_line_parse() */
} Parsed;

/* What the tests' caller has in its environment. */
static char *const caller_environment[] = { (char *)"HOME=/home/me", (char *)"HOMER=x",
        (char *)"EMPTY=", NULL };

/* Parses LINE, cut at spaces, as the arguments of PROGRAM. */
static inline Parsed parse_as(const char *program, const char *line) {
        char *argv[WORDS_MAX + 2] = { (char *)program };
        Parsed parsed = { 0 };
        StringList words;

        config_init(&parsed.config, command_line_is_nspawn(program));
        words = text_split_words(&parsed.config.arena, line, " ");
        assert_true(words.n_items <= WORDS_MAX);
        for (size_t i = 0; i < words.n_items; i++)
                argv[i + 1] = (char *)words.items[i];

        parsed.r = command_line_parse((int)words.n_items + 1, argv, (char **)caller_environment,
                        &parsed.config, &parsed.result, &parsed.notes);
        return parsed;
}

static inline Parsed parse(const char *line) {
        return parse_as("boot-tree", line);
}

static inline void parsed_done(Parsed *parsed) {
        config_done(&parsed->config);
}

/* Text of the last note, or "". */
static inline const char *last_note(const Notes *notes) {
        return notes->n_items > 0 ? notes->items[notes->n_items - 1].text : "";
}

/* LINE is refused with exactly MESSAGE. */
static inline void assert_refused(const char *line, const char *message) {
        Parsed parsed = parse(line);

        assert_string_equal(last_note(&parsed.notes), message);
        assert_int_equal(parsed.r, -EINVAL);
        parsed_done(&parsed);
}

#define CLEANUP_PARSED __attribute__((cleanup(parsed_done)))
