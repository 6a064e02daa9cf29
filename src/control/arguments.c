/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"
#include "config/value.h"
#include "control/control.h"

/* Stands in for --help among the VERB_… bits. */
enum { VERB_HELP = 1 << 30 };

static const struct {
        const char *name;
        char letter;
        unsigned option;
        const char *metavar; /* NULL: takes no argument */
        const char *help;
} options[] = {
        { "help", 'h', VERB_HELP, NULL, "Show this help" },
        { "json", 'j', VERB_JSON, NULL, "Print JSON" },
        { "no-legend", 0, VERB_NO_LEGEND, NULL, "Print neither headings nor a summary" },
        { "force", 'f', VERB_FORCE, NULL, "End what does not shut down by itself" },
        { "timeout", 't', VERB_TIMEOUT, "TIME", "How long to wait, in seconds or with a unit" },
};

static int print_help(const ControlVerb *verb) {
        printf("boot-tree %s%s%s [OPTION...]\n\n%s.\n", verb->name, verb->usage[0] ? " " : "",
                        verb->usage, verb->help);
        if (verb->details[0])
                printf("\n%s", verb->details);

        printf("\nOptions:\n");
        for (size_t i = 0; i < ELEMENTSOF(options); i++) {
                char letter[] = { '-', options[i].letter, '\0' };
                bool has_letter = options[i].letter && !(verb->options & VERB_START);
                int width;

                if (!(options[i].option & (verb->options | VERB_HELP)))
                        continue;
                width = printf("  %2s --%s%s%s", has_letter ? letter : "", options[i].name,
                                options[i].metavar ? "=" : "", options[i].metavar ?: "");
                printf("%*s%s\n", MAX_OF(24 - width, 1), "", options[i].help);
        }

        return fflush(stdout) == 0 ? 0 : -errno;
}

static int set_value(const char *word, const char *value, Arguments *arguments) {
        int64_t us;

        if (parse_time_us(value, &us) < 0 || us < 0) {
                log_error("%s: '%s' is not a time (try 30, 1min or 500ms)", word, value);
                return -EINVAL;
        }

        arguments->timeout_us = (uint64_t)us;
        return 0;
}

static int add_name(const char *name, Arguments *arguments) {
        const char *reason = "invalid", *field = NULL;

        if (value_machine_name(&arguments->arena, name, &field, &reason) < 0 || !field) {
                log_error("'%s': %s", name, reason);
                return -EINVAL;
        }

        for (size_t i = 0; i < arguments->names.n_items; i++)
                if (text_equal(arguments->names.items[i], name))
                        return 0;

        string_list_add(&arguments->arena, &arguments->names, name);
        return 0;
}

static int add_place(const ControlVerb *verb, const char *word, Arguments *arguments) {
        size_t n_most = verb->options & VERB_TARGET ? 2 : 1;

        if (word[0] == '\0' || arguments->places.n_items >= n_most) {
                log_error("'%s' takes no '%s' (see boot-tree %s --help)", verb->name, word,
                                verb->name);
                return -EINVAL;
        }

        string_list_add(&arguments->arena, &arguments->places, word);
        return 0;
}

/* The row that WORD names, as "--name", "--name=VALUE" or "-x"; -EINVAL after an error line. */
static int find_option(const ControlVerb *verb, const char *word, const char **ret_value) {
        for (size_t i = 0; i < ELEMENTSOF(options); i++) {
                const char *rest = text_after(word, "--");
                const char *value = rest ? text_after(rest, options[i].name) : NULL;
                bool is_letter = !rest && word[1] == options[i].letter && word[2] == '\0';
                bool is_name = value && (value[0] == '\0' || value[0] == '=');

                if (!(options[i].option & (verb->options | VERB_HELP)) || !(is_letter || is_name))
                        continue;
                *ret_value = is_name && value[0] == '=' ? value + 1 : NULL;
                if (*ret_value && !options[i].metavar) {
                        log_error("--%s takes no argument", options[i].name);
                        return -EINVAL;
                }
                return (int)i;
        }

        log_error("'%s' knows no option '%s' (see boot-tree %s --help)", verb->name, word,
                        verb->name);
        return -EINVAL;
}

/* Handles the option at *I, and moves on over its argument. */
static int parse_option(const ControlVerb *verb, char **argv, int *i, Arguments *arguments) {
        const char *word = argv[*i], *value = NULL;
        int found = find_option(verb, word, &value);

        if (found < 0)
                return found;

        arguments->given |= options[found].option;
        if (!options[found].metavar)
                return 0;
        if (!value)
                value = argv[*i + 1] ? argv[++*i] : NULL;
        if (!value) {
                log_error("%s needs an argument", word);
                return -EINVAL;
        }

        return set_value(word, value, arguments);
}

/* Takes the verb's own long options; all other words are those of a start, which has letters and a
 * "--" of its own. */
static void parse_start(const ControlVerb *verb, char **argv, Arguments *arguments) {
        bool has_options_ended = false;

        string_list_add(&arguments->arena, &arguments->start_words, "boot-tree");
        for (char **word = argv; *word; word++) {
                const char *name = text_after(*word, "--");
                unsigned own = 0;

                has_options_ended |= text_equal(*word, "--");
                for (size_t i = 0; i < ELEMENTSOF(options) && !has_options_ended; i++)
                        if ((options[i].option & (verb->options | VERB_HELP)) &&
                                        text_equal(name, options[i].name))
                                own = options[i].option;

                arguments->given |= own;
                if (own == 0)
                        string_list_add(&arguments->arena, &arguments->start_words, *word);
        }
}

int arguments_parse(int argc, char **argv, Arguments *ret_arguments) {
        const ControlVerb *verb = control_find(argv[0]);
        bool has_options_ended = false;
        int r;

        *ret_arguments = (Arguments){ 0 };
        if (verb->options & VERB_START) {
                parse_start(verb, argv + 1, ret_arguments);
                argc = 1;
        }
        for (int i = 1; i < argc; i++) {
                if (!has_options_ended && text_equal(argv[i], "--")) {
                        has_options_ended = true;
                        continue;
                }
                if (!has_options_ended && argv[i][0] == '-' && argv[i][1] != '\0')
                        r = parse_option(verb, argv, &i, ret_arguments);
                else if (verb->options & VERB_PLACE)
                        r = add_place(verb, argv[i], ret_arguments);
                else if (verb->options & VERB_NAMES)
                        r = add_name(argv[i], ret_arguments);
                else {
                        log_error("'%s' takes no name (see boot-tree %s --help)", verb->name,
                                        verb->name);
                        r = -EINVAL;
                }
                if (r < 0)
                        return r;
        }

        if (ret_arguments->given & VERB_HELP)
                return print_help(verb);
        if (verb->options & VERB_PLACE && ret_arguments->places.n_items == 0) {
                log_error("'%s' needs %s (see boot-tree %s --help)", verb->name, verb->usage,
                                verb->name);
                return -EINVAL;
        }
        if (verb->options & VERB_NAMES && ret_arguments->names.n_items == 0) {
                log_error("'%s' needs the name of a machine (boot-tree list shows them)",
                                verb->name);
                return -EINVAL;
        }

        return 1;
}

void arguments_done(Arguments *arguments) {
        arena_done(&arguments->arena);
        *arguments = (Arguments){ 0 };
}
