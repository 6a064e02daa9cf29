/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: the record of a Config, as a settings file for people or as JSON. New rows
 * of the option table appear by themselves.
 */

#include <stdio.h>

#include "config/config.h"

/* Prints the settings in effect in CONFIG for the machine NAME, each under a comment with its
 * source; what is not set comes as a comment. What it prints can be read as a settings file.
 * 0 or -errno. */
int settings_print_text(const Config *config, const char *name, FILE *file);

/* The same as JSON: {"machine": NAME, "files": [PATH, ...], "settings": [{"option": "--setenv",
 * "key": "Exec.Environment", "values": [{"value": "A=1", "source": "command line"}]}, ...]} for
 * all options; those without values are at their default. 0 or -errno. */
int settings_print_json(const Config *config, const char *name, FILE *file);
