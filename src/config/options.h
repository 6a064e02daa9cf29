/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * THE option table: one row per setting, wherever it may be written.
 *
 * From a row follow the command line, --help, --dump-options (and with it shell completion and the
 * checks of the man page), the settings file, precedence, trust, and the test that walks all rows.
 * A new option is one field in Config, one row here and one paragraph in the man page.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

typedef enum {
        OPTION_FLAG = 1 << 0,        /* takes no argument: feeds its fixed text to the parser */
        OPTION_OPTIONAL = 1 << 1,    /* as --name alone it feeds its fixed text */
        OPTION_LIST = 1 << 2,        /* values of equal rank add up */
        OPTION_TRUSTED = 1 << 3,     /* ignored in a settings file that is not trusted */
        OPTION_OBSOLETE = 1 << 4,    /* works with a warning; --help does not show it */
        OPTION_ALIAS = 1 << 5,       /* stands for the options that its fixed text names */
        OPTION_ENVIRONMENT = 1 << 6, /* a bare NAME means the caller's NAME=VALUE */
        OPTION_SECRET = 1 << 7,      /* what is behind a colon must not be shown */
        OPTION_WORDS = 1 << 8,       /* a line of a settings file holds several values, quoted */
        OPTION_MEMBER = 1 << 9,      /* has a settings key only; on the command line see FAMILY */
        OPTION_FAMILY = 1 << 10, /* an alias: NAME=VALUE sets the member whose key ends in NAME */
        OPTION_GUARD = 1 << 11,  /* limits the payload: untrusted, it never replaces the user's */
        OPTION_TAKES_AWAY = 1 << 12, /* with "~" in front the value only limits: needs no trust */
} OptionFlags;

/* What the program does instead of running a container. */
typedef enum {
        ACTION_RUN,
        ACTION_HELP,
        ACTION_VERSION,
        ACTION_DUMP_OPTIONS,
        ACTION_LIST_VALUES, /* --name=help */
        ACTION_MAX,
} OptionAction;

/* Turns TEXT into the value at FIELD, which holds what earlier options of equal rank left.
 * 0, or -EINVAL with a reason (in ARENA or static); FIELD may then hold anything. */
typedef int (*OptionParse)(Arena *arena, const char *text, void *field, const char **ret_reason);

/* All words that the option takes, for "help" and completion; each may be followed by a tab and what
 * it stands for. */
typedef StringList (*OptionValues)(Arena *arena);

struct Option {
        const char *group;   /* heading in --help */
        const char *name;    /* long name without dashes; NULL: a letter only, or the words */
        char letter;         /* 0: none */
        const char *metavar; /* NULL: takes no argument */
        const char *help;    /* a few words without a stop */
        const char *key;     /* in the settings file as "Section.Key", or NULL */
        unsigned flags;      /* OptionFlags */
        ConfigSlot slot;     /* SLOT_MAX: none, for aliases and actions */

        const char *text;    /* the fixed text of FLAG, OPTIONAL and ALIAS */
        const char *text_no; /* the same for KEY=no of a FLAG; NULL: "no" */
        OptionAction action; /* not ACTION_RUN: all else below is unused */
        OptionParse parse;
        OptionValues values; /* NULL: free text */
        size_t offset, size; /* the field in Config */
        size_t given_offset; /* a Tristate that says that a value was given; 0: none */
};

/* All rows, in the order of --help. */
const Option *option_table(size_t *ret_n_options);

/* The row with the long NAME, with LETTER, or with the settings KEY; or NULL. */
const Option *option_find(const char *name);
const Option *option_find_letter(char letter);
const Option *option_find_key(const char *key);

/* The row whose words are what follows the options on the command line. */
const Option *option_words(void);

/* TEXT, a value of OPTION, for messages: printable, not too long, and no secret. */
const char *option_show(Arena *arena, const Option *option, const char *text);
