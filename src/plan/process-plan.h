/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The part of a plan that says what runs, with which environment, and on which terminal.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "config/types.h"

typedef enum {
        PROCESS_BOOT,  /* the first of `programs` that executes */
        PROCESS_SHELL, /* the user's login shell, then `programs` */
        PROCESS_COMMAND,
        PROCESS_KIND_MAX,
} ProcessKind;

typedef struct {
        ProcessKind kind;
        bool has_stub_init;   /* the program becomes PID 2 */
        StringList programs;  /* tried in order */
        StringList arguments; /* behind argv[0] */
        StringList environment;
        StringList user_environment; /* last word over HOME, USER, LOGNAME too */
        const char *user;            /* NULL: root */
        const char *chdir;           /* NULL: the user's home for a shell, else "/" */
        ConsoleMode console;         /* never DEFAULT or AUTOPIPE */
        const char *background;      /* of the caller's terminal, as "rrggbb"; NULL: its own */
        const char *title;           /* the same */
        bool tints;                  /* a background is found that fits its own */
        unsigned n_listen_fds;
        int kill_signal; /* 0: by the kind of init; -1: none, kill at once */
} ProcessPlan;
