/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/clean-up.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "config/value.h"
#include "container/record.h"
#include "image/root.h"

/* The name that a run of the tree would have; NULL after an error line. */
static const char *name_of_tree(const Config *config, Arena *arena) {
        RootFacts facts = { 0 };
        Root root = ROOT_NONE;
        const char *name = NULL;

        if (root_open(config, &root, &facts, arena) >= 0)
                name = hostname_clean(arena, facts.name);
        root_done(&root);

        if (name && name[0] == '\0') {
                log_error("No machine name can be made of '%s' (choose one with --machine=)",
                                facts.path);
                name = NULL;
        }
        return name;
}

int clean_up(const Config *config) {
        Arena arena = { 0 };
        const char *name;
        int r = -ENOENT;

        if (geteuid() != 0) {
                log_error("boot-tree needs to be run as root (try it with sudo)");
                return EXIT_FAILURE;
        }

        name = config->machine ?: name_of_tree(config, &arena);
        if (name)
                r = record_clean_up(name);
        arena_done(&arena);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
