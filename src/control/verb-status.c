/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "control/arguments.h"
#include "control/machine.h"
#include "control/verbs.h"

enum { LABEL_WIDTH = 12 };

static void print_row(Arena *arena, const char *label, const char *value) {
        if (value)
                printf("%*s: %s\n", LABEL_WIDTH, label, text_printable(arena, value));
}

static const char *format_since(Arena *arena, const Machine *machine) {
        time_t since = (time_t)(machine->record.since_us / USEC_PER_SEC);
        char text[64];
        struct tm when;

        if (since == 0 || !localtime_r(&since, &when) ||
                        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z", &when) == 0)
                return NULL;

        return arena_printf(arena, "%s; %s ago", text, machine_uptime(arena, machine));
}

static const char *format_leader(Arena *arena, const Machine *machine) {
        return machine->leader_name ? arena_printf(arena, "%" PRId64 " (%s)",
                                                      machine->record.leader, machine->leader_name)
                                    : arena_printf(arena, "%" PRId64, machine->record.leader);
}

/* "310.5M": one decimal, units of 1024. */
static const char *format_bytes(Arena *arena, uint64_t bytes) {
        static const char units[] = "BKMGTPE";
        uint64_t unit = 1;
        size_t i = 0;

        while (bytes / unit >= 1024) {
                unit *= 1024;
                i++;
        }

        return i == 0 ? arena_printf(arena, "%" PRIu64 "B", bytes)
                      : arena_printf(arena, "%" PRIu64 ".%" PRIu64 "%c", bytes / unit,
                                        bytes % unit * 10 / unit, units[i]);
}

static void print_machine(Arena *arena, const Machine *machine) {
        const RecordFields *record = &machine->record;

        printf("%s\n", text_printable(arena, record->name));
        print_row(arena, "Since", format_since(arena, machine));
        print_row(arena, "Leader", format_leader(arena, machine));
        print_row(arena, "Manager",
                        arena_printf(arena, "%" PRId64 " (%s)", record->manager,
                                        record->service ?: "-"));
        print_row(arena, "Tree", record->root);
        print_row(arena, "UUID", record->uuid);
        print_row(arena, "Ids",
                        record->id_count == 0 ? "the host's (no user namespace)"
                                              : machine_ids(arena, machine));
        print_row(arena, "Unit", record->unit);
        print_row(arena, "CGroup", record->cgroup);
        if (machine->n_processes.is_known)
                print_row(arena, "Processes",
                                arena_printf(arena, "%" PRIu64, machine->n_processes.value));
        if (machine->memory_bytes.is_known)
                print_row(arena, "Memory", format_bytes(arena, machine->memory_bytes.value));
        print_row(arena, "Console", record->console);
        print_row(arena, "Registered", record->is_registered ? "yes" : "no");
}

static int print_text(Arena *arena, const Machine *machines, size_t n_machines) {
        for (size_t i = 0; i < n_machines; i++) {
                if (i > 0)
                        printf("\n");
                print_machine(arena, &machines[i]);
        }

        return fflush(stdout) == 0 ? 0 : -errno;
}

/* Shows those that run even if others do not. */
static int status(Arguments *arguments) {
        const StringList *names = &arguments->names;
        Machine *machines = arena_allocate(&arguments->arena, names->n_items * sizeof *machines);
        size_t n_machines = 0;
        int r, result = 0;

        for (size_t i = 0; i < names->n_items; i++) {
                r = machine_load(&arguments->arena, names->items[i], &machines[n_machines]);
                if (r >= 0)
                        n_machines++;
                else
                        result = machine_log(names->items[i], r);
        }

        r = arguments->given & VERB_JSON ? machine_print_json(machines, n_machines, stdout)
                                         : print_text(&arguments->arena, machines, n_machines);
        if (r < 0)
                return log_error_errno(r, "Failed to print the machines");

        return result;
}

int verb_status(int argc, char **argv) {
        Arguments arguments;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        if (r > 0)
                r = status(&arguments);
        arguments_done(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
