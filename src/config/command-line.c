/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/command-line.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"
#include "config/help.h"
#include "config/set.h"
#include "config/value.h"

/* What the record says of a value from here. */
static const char source_name[] = "command line";

typedef struct {
        char **words; /* what is left of the command line; ends with NULL */
        char **environment;
        Config *config;
        CommandLine *result;
        Notes *notes;
} Parser;

static int fail_unknown(Parser *parser, const char *name) {
        size_t n_options, least = SIZE_MAX;
        const Option *options = option_table(&n_options), *best = NULL;
        Arena *arena = &parser->config->arena;

        for (size_t i = 0; i < n_options; i++)
                if (options[i].name && text_is_misspelt(name, options[i].name, &least))
                        best = &options[i];

        return notes_fail(parser->notes, arena, -EINVAL, "Unknown option '--%s'%s",
                        text_excerpt(arena, name),
                        best ? arena_printf(arena, " (did you mean '--%s'?)", best->name) : "");
}

/* Finds the option called NAME, or the only one whose name starts with it. */
static int find_option(Parser *parser, const char *name, const Option **ret) {
        size_t n_options, n_found = 0;
        const Option *options = option_table(&n_options), *found = option_find(name);
        const char *candidates = "";

        if (found) {
                *ret = found;
                return 0;
        }

        for (size_t i = 0; i < n_options && name[0] != '\0'; i++) {
                if (!options[i].name || !text_after(options[i].name, name))
                        continue;
                found = &options[i];
                candidates = arena_printf(&parser->config->arena, "%s%s'--%s'", candidates,
                                n_found++ > 0 ? ", " : "", found->name);
        }
        if (n_found == 0)
                return fail_unknown(parser, name);
        if (n_found > 1)
                return notes_fail(parser->notes, &parser->config->arena, -EINVAL,
                                "Option '--%s' is ambiguous: %s",
                                text_excerpt(&parser->config->arena, name), candidates);

        *ret = found;
        return 0;
}

/* NAME with the caller's value as NAME=VALUE; NULL if the caller has none. */
static const char *find_variable(Parser *parser, const char *name) {
        for (char **p = parser->environment; p && *p; p++) {
                const char *rest = text_after(*p, name);

                if (rest && rest[0] == '=')
                        return *p;
        }

        return NULL;
}

static void act(Parser *parser, OptionAction action, const Option *option) {
        Config *config = parser->config;
        const char *text = NULL;

        switch (action) {
        case ACTION_HELP:
                text = help_text(&config->arena, config->as_nspawn);
                break;
        case ACTION_VERSION:
                text = help_version(&config->arena);
                break;
        case ACTION_DUMP_OPTIONS:
                text = help_dump(&config->arena);
                break;
        case ACTION_LIST_VALUES:
                text = help_values(&config->arena, option);
                break;
        case ACTION_RUN:
        case ACTION_MAX:
                break;
        }

        *parser->result = (CommandLine){ .action = action, .text = text };
}

/* Carries out one option; TEXT is its argument or NULL. */
static int apply(Parser *parser, const Option *option, const char *text) {
        Config *config = parser->config;
        const char *name = option->name ? arena_printf(&config->arena, "--%s", option->name)
                                        : arena_printf(&config->arena, "-%c", option->letter);
        OptionOrigin origin = {
                .rank = RANK_COMMAND_LINE,
                .is_trusted = true,
                .place = text ? arena_printf(&config->arena, "%s=%s", name,
                                                option_show(&config->arena, option, text))
                              : name,
                .source = source_name,
        };

        if (option->action != ACTION_RUN) {
                act(parser, option->action, option);
                return 0;
        }
        if (text && option->values && text_equal(text, "help")) {
                act(parser, ACTION_LIST_VALUES, option);
                return 0;
        }

        if ((option->flags & OPTION_ENVIRONMENT) && !strchr(text, '=') &&
                        variable_name_is_valid(text, strlen(text))) {
                text = find_variable(parser, text);
                if (!text) {
                        notes_add(parser->notes, &config->arena, LOG_WARNING,
                                        "%s: No such variable here, ignoring", origin.place);
                        return 0;
                }
        }

        return config_set(config, option, text, &origin, parser->notes);
}

/* --name, --name=VALUE, --name VALUE; WORD is without the dashes. */
static int parse_long(Parser *parser, const char *word) {
        Arena *arena = &parser->config->arena;
        const char *equals = strchr(word, '='), *text = equals ? equals + 1 : NULL;
        const Option *option = NULL;
        int r;

        r = find_option(parser, equals ? arena_copy_n(arena, word, (size_t)(equals - word)) : word,
                        &option);
        if (r < 0)
                return r;

        if (text && (option->flags & OPTION_FLAG))
                return notes_fail(parser->notes, arena, -EINVAL, "Option '--%s' takes no argument",
                                option->name);
        if (!text && !(option->flags & (OPTION_FLAG | OPTION_OPTIONAL))) {
                if (!*parser->words)
                        return notes_fail(parser->notes, arena, -EINVAL,
                                        "Option '--%s' needs an argument", option->name);
                text = *parser->words++;
        }

        return apply(parser, option, text);
}

/* -q, -bq, -DVALUE, -D VALUE; WORD is without the dash. */
static int parse_letters(Parser *parser, const char *word) {
        Arena *arena = &parser->config->arena;
        int r;

        while (*word && parser->result->action == ACTION_RUN) {
                const Option *option = option_find_letter(*word);
                const char *text = NULL;

                if (!option)
                        return notes_fail(parser->notes, arena, -EINVAL, "Unknown option '-%s'",
                                        text_printable(arena, arena_copy_n(arena, word, 1)));
                word++;

                if (!(option->flags & (OPTION_FLAG | OPTION_OPTIONAL))) {
                        text = *word ? word : *parser->words;
                        if (!text)
                                return notes_fail(parser->notes, arena, -EINVAL,
                                                "Option '-%c' needs an argument", option->letter);
                        if (!*word)
                                parser->words++;
                        word = "";
                }

                r = apply(parser, option, text);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int parse_options(Parser *parser) {
        int r;

        while (*parser->words && parser->result->action == ACTION_RUN) {
                const char *word = *parser->words;

                if (word[0] != '-' || word[1] == '\0')
                        return 0;
                parser->words++;
                if (text_equal(word, "--"))
                        return 0;

                r = word[1] == '-' ? parse_long(parser, word + 2) : parse_letters(parser, word + 1);
                if (r < 0)
                        return r;
        }

        return 0;
}

bool command_line_is_nspawn(const char *program) {
        const char *slash;

        if (!program)
                return false;

        slash = strrchr(program, '/');
        return text_equal(slash ? slash + 1 : program, "systemd-nspawn");
}

int command_line_parse(int argc,
                char **argv,
                char **environment,
                Config *config,
                CommandLine *ret,
                Notes *notes) {
        CommandLine result = { .action = ACTION_RUN };
        Parser parser = {
                .words = argv + MIN_OF(argc, 1),
                .environment = environment,
                .config = config,
                .result = &result,
                .notes = notes,
        };
        OptionOrigin origin = {
                .rank = RANK_COMMAND_LINE,
                .is_trusted = true,
                .place = "Words",
                .source = source_name,
        };
        int r;

        r = parse_options(&parser);
        if (r < 0)
                return r;

        for (char **word = parser.words; result.action == ACTION_RUN && *word; word++) {
                r = config_set(config, option_words(), *word, &origin, notes);
                if (r < 0)
                        return r;
        }

        *ret = result;
        return 0;
}
