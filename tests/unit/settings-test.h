/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A Config filled from the text of a settings file.
 */

#include "config-test.h"

#include "config/settings-file.h"

/* How a file is read in a test; all zero: by boot-tree, from /etc, with --settings=yes. */
typedef struct {
        const char *line; /* command line in front, for its --settings= and other options */
        const char *program;
        bool is_beside; /* the tree, so not trusted */
} How;

static inline Parsed read_bytes(How how, const char *bytes, size_t size) {
        Parsed parsed = parse_as(how.program ?: "boot-tree", how.line ?: "");
        SettingsFile file = {
                .path = "f.nspawn",
                .text = bytes,
                .size = size,
                .is_trusted = !how.is_beside,
        };

        assert_int_equal(parsed.r, 0);
        parsed.r = settings_file_parse(&parsed.config, &file, &parsed.notes);
        return parsed;
}

static inline Parsed read_file(How how, const char *text) {
        return read_bytes(how, text, strlen(text));
}

/* The same for a second file on top, as a drop-in. */
static inline void read_more(Parsed *parsed, const char *text, bool is_trusted) {
        SettingsFile file = {
                .path = "d.conf",
                .text = text,
                .size = strlen(text),
                .is_trusted = is_trusted,
        };

        assert_int_equal(settings_file_parse(&parsed->config, &file, &parsed->notes), 0);
}

static const How normal = { 0 };
