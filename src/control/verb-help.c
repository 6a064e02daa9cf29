/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/macro.h"
#include "control/arguments.h"
#include "control/control.h"
#include "control/verbs.h"

int verb_help(int argc, char **argv) {
        Arguments arguments;
        const ControlVerb *verbs;
        size_t n_verbs;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        arguments_done(&arguments);
        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        printf("boot-tree [run] [OPTION...] [COMMAND [ARGUMENT...]]\n"
               "boot-tree VERB [ARGUMENT...]\n\n"
               "Verbs:\n"
               "  run                     Run a machine; see boot-tree --help\n");
        verbs = control_verbs(&n_verbs);
        for (size_t i = 0; i < n_verbs; i++) {
                int width = printf("  %s %s", verbs[i].name, verbs[i].usage);

                printf("%*s%s\n", MAX_OF(26 - width, 1), "", verbs[i].help);
        }
        printf("\nEach verb has --help. See boot-tree(1) for details.\n");
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
