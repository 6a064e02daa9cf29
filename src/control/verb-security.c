/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "control/arguments.h"
#include "control/confinement-read.h"
#include "control/machine.h"
#include "control/verbs.h"

static int read_machine(Arena *arena, const char *name, Confinement *ret_confinement) {
        Machine machine;
        int r;

        r = machine_load(arena, name, &machine);
        if (r < 0)
                return machine_log(name, r);

        r = confinement_read(arena, &machine.record, ret_confinement);
        if (r == -ESRCH)
                return log_error_errno(r, "Machine '%s' has no process yet, or no more", name);
        if (r < 0)
                return log_error_errno(r, "Failed to look at machine '%s'", name);

        return 0;
}

/* Shows those that run even if others do not. */
static int security(Arguments *arguments) {
        const StringList *names = &arguments->names;
        size_t n_shown = 0;
        Writer writer;
        int r, result = 0;

        writer_init(&writer, arguments->given & VERB_JSON ? WRITER_JSON : WRITER_TEXT);
        writer_begin_list(&writer, NULL, WRITER_BLOCK);
        for (size_t i = 0; i < names->n_items; i++) {
                Confinement confinement;

                r = read_machine(&arguments->arena, names->items[i], &confinement);
                if (r < 0) {
                        result = r;
                        continue;
                }
                confinement_write(&confinement, &writer);
                n_shown++;
        }
        writer_end(&writer);
        r = n_shown > 0 || arguments->given & VERB_JSON ? writer_print(&writer, stdout) : 0;
        writer_done(&writer);
        if (r < 0)
                return log_error_errno(r, "Failed to print what the machines may do");

        return result;
}

int verb_security(int argc, char **argv) {
        Arguments arguments;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        if (r > 0)
                r = security(&arguments);
        arguments_done(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
