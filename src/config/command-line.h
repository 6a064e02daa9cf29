/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line: OPTION… WORD…, in the forms that getopt_long() takes.
 *
 * Long options as --name, --name=VALUE or --name VALUE, also cut short while they stay clear;
 * letters as -D VALUE or -DVALUE, also bundled: -qbD VALUE. The first word that is no option, or
 * "--", ends them; what follows is the command or goes to init.
 */

#include <stdbool.h>

#include "config/options.h"

typedef struct {
        OptionAction action;
        const char *text; /* what to print, in the Config's arena; not for ACTION_RUN */
} CommandLine;

/* Whether the name that we are called by asks for systemd-nspawn's ways: for config_init(). */
bool command_line_is_nspawn(const char *program);

/* Fills CONFIG from ARGV, whose first word is the program's name.
 *
 * environment: the caller's, as NAME=VALUE; where a bare --setenv=NAME looks
 *
 * Stops at the first option that is an action, like --help. Returns 0, or -EINVAL with an error
 * note. What it does not see, config_check() does. */
int command_line_parse(int argc,
                char **argv,
                char **environment,
                Config *config,
                CommandLine *ret,
                Notes *notes);
