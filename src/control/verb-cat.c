/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "config/command-line.h"
#include "control/arguments.h"
#include "control/settings-list.h"
#include "control/verbs.h"
#include "image/mount-stack.h"
#include "image/root.h"
#include "image/settings.h"

typedef struct {
        Arguments arguments;
        Config config;
        Notes notes;
        Facts facts;
        Root root;
} Cat;

/* The words of the start; a name in front stands for --machine=NAME. */
static StringList start_words(Arguments *arguments) {
        const StringList *given = &arguments->start_words;
        Arena *arena = &arguments->arena;
        StringList words = { 0 };

        for (size_t i = 0; i < given->n_items; i++)
                string_list_add(arena, &words,
                                i == 1 && given->items[i][0] != '-'
                                                ? arena_printf(arena, "--machine=%s",
                                                                  given->items[i])
                                                : given->items[i]);
        return words;
}

/* What a start would do until it knows its settings. */
static int load(Cat *cat) {
        StringList words = start_words(&cat->arguments);
        CommandLine line;
        int r;

        r = command_line_parse((int)words.n_items, (char **)words.items, environ, &cat->config,
                        &line, &cat->notes);
        if (r < 0)
                return r;
        if (line.action != ACTION_RUN)
                return notes_fail(&cat->notes, &cat->config.arena, -EINVAL,
                                "'cat' takes no option that only shows something (see boot-tree "
                                "cat --help)");
        r = config_check_tree(&cat->config, &cat->notes);
        if (r < 0)
                return r;
        r = mount_stack_load(&cat->config, &cat->notes);
        if (r < 0)
                return r;
        r = root_open(&cat->config, &cat->root, &cat->facts.root, &cat->facts.arena);
        if (r < 0)
                return r;

        return settings_load(&cat->config, &cat->facts.root, &cat->notes);
}

static int print(Cat *cat) {
        const Config *config = &cat->config;
        const char *name = config_machine_name(config, &cat->facts.arena, cat->facts.root.name);
        int r;

        r = cat->arguments.given & VERB_JSON ? settings_print_json(config, name, stdout)
                                             : settings_print_text(config, name, stdout);
        return r < 0 ? log_error_errno(r, "Failed to print the settings") : 0;
}

int verb_cat(int argc, char **argv) {
        Cat cat = { .root = ROOT_NONE };
        int r;

        config_init(&cat.config, /* as_nspawn= */ false);
        r = arguments_parse(argc, argv, &cat.arguments);
        if (r > 0) {
                r = load(&cat);
                if (r >= 0)
                        r = print(&cat);
                /* Settings that a start would refuse together have been shown; say why, too. */
                if (r >= 0)
                        r = config_check(&cat.config, &cat.notes);
                notes_print(&cat.notes, r < 0 ? LOG_ERROR : LOG_DEBUG);
        }

        root_done(&cat.root);
        facts_done(&cat.facts);
        config_done(&cat.config);
        arguments_done(&cat.arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
