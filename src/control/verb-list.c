/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "control/arguments.h"
#include "control/machine.h"
#include "control/verbs.h"

enum {
        COLUMN_NAME,
        COLUMN_LEADER,
        COLUMN_UPTIME,
        COLUMN_IDS,
        COLUMN_PLACE,
        COLUMN_TREE,
        N_COLUMNS
};

typedef struct {
        const char *cells[N_COLUMNS];
} Line;

/* Columns that TEXT takes, as far as that can be said without a locale. */
static int width_of(const char *text) {
        int width = 0;

        for (; *text; text++)
                width += (*text & 0xc0) != 0x80;
        return width;
}

static Line make_line(Arena *arena, const Machine *machine) {
        const RecordFields *record = &machine->record;

        return (Line){ {
                        [COLUMN_NAME] = text_printable(arena, record->name),
                        [COLUMN_LEADER] = arena_printf(arena, "%" PRId64, record->leader),
                        [COLUMN_UPTIME] = machine_uptime(arena, machine),
                        [COLUMN_IDS] = machine_ids(arena, machine),
                        [COLUMN_PLACE] = machine_place(arena, machine),
                        [COLUMN_TREE] = record->root ? text_printable(arena, record->root) : "-",
        } };
}

static void print_line(const Line *line, const int *widths) {
        for (size_t i = 0; i + 1 < N_COLUMNS; i++)
                printf("%s%*s", line->cells[i], widths[i] - width_of(line->cells[i]) + 1, "");
        printf("%s\n", line->cells[N_COLUMNS - 1]);
}

static int print_text(Arena *arena, const Machine *machines, size_t n_machines, bool has_legend) {
        const Line heading = { { "MACHINE", "LEADER", "UPTIME", "IDS", "UNIT/CGROUP", "TREE" } };
        Line *lines = arena_allocate(arena, (n_machines + 1) * sizeof *lines);
        int widths[N_COLUMNS] = { 0 };

        lines[0] = heading;
        for (size_t i = 0; i < n_machines; i++)
                lines[i + 1] = make_line(arena, &machines[i]);
        for (size_t i = has_legend ? 0 : 1; i <= n_machines; i++)
                for (size_t column = 0; column < N_COLUMNS; column++)
                        widths[column] = MAX_OF(widths[column], width_of(lines[i].cells[column]));

        if (has_legend && n_machines == 0)
                printf("No machines.\n");
        for (size_t i = has_legend && n_machines > 0 ? 0 : 1; i <= n_machines; i++)
                print_line(&lines[i], widths);
        if (has_legend && n_machines > 0)
                printf("\n%zu machine%s listed.\n", n_machines, n_machines == 1 ? "" : "s");

        return fflush(stdout) == 0 ? 0 : -errno;
}

static int list(Arguments *arguments) {
        Arena *arena = &arguments->arena;
        Machine *machines;
        StringList names;
        size_t n_machines = 0;
        int r;

        r = record_list(arena, &names);
        if (r < 0)
                return log_error_errno(r, "Failed to list the machines");

        machines = arena_allocate(arena, (names.n_items + 1) * sizeof *machines);
        for (size_t i = 0; i < names.n_items; i++) {
                r = machine_load(arena, names.items[i], &machines[n_machines]);
                if (r >= 0)
                        n_machines++;
                else if (r != -ENOENT)
                        return machine_log(names.items[i], r);
        }

        r = arguments->given & VERB_JSON ? machine_print_json(machines, n_machines, stdout)
                                         : print_text(arena, machines, n_machines,
                                                           !(arguments->given & VERB_NO_LEGEND));
        return r < 0 ? log_error_errno(r, "Failed to print the machines") : 0;
}

int verb_list(int argc, char **argv) {
        Arguments arguments;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        if (r > 0)
                r = list(&arguments);
        arguments_done(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
