/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Settings files: NAME.nspawn, in the form that systemd-nspawn reads.
 *
 *         [Exec]
 *         Boot=no
 *         Parameters=/usr/bin/server "two words"
 *         # a comment; a line that ends in a backslash goes on in the next
 *
 * Sections and keys are those of the option table. "KEY=" puts a setting back to its default, yes
 * and no stand for flags. Keys and sections that nobody knows are skipped with a warning; other
 * mistakes are errors, or warnings if we were called as systemd-nspawn, which takes such files.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

typedef struct {
        const char *path; /* for messages and the record */
        const char *text; /* need not end with NUL */
        size_t size;
        bool is_trusted; /* lies where only the host's administrator can write */
} SettingsFile;

/* Fills CONFIG from FILE, as config->settings_mode says: with which rank, and how trusted.
 *
 * Every message starts with "PATH:LINE: ". Returns 0, or -EINVAL with an error note. */
int settings_file_parse(Config *config, const SettingsFile *file, Notes *notes);
