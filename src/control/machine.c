/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/io.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"
#include "base/writer.h"
#include "control/group-usage.h"

/* The name of the payload's first process; it can be anything. */
static const char *read_leader_name(Arena *arena, int64_t leader) {
        char path[64], name[64];
        ssize_t n;

        (void)snprintf(path, sizeof path, "/proc/%" PRId64 "/comm", leader); /* Always fits. */
        n = io_read_file(AT_FDCWD, path, name, sizeof name);
        if (n <= 0)
                return NULL;

        name[strcspn(name, "\n")] = '\0';
        return arena_copy(arena, name);
}

int machine_load(Arena *arena, const char *name, Machine *ret_machine) {
        Machine machine = { 0 };
        bool is_running;
        int r;

        r = record_load(arena, name, &machine.record, &is_running);
        if (r < 0)
                return r;
        if (!is_running)
                return -ENOENT;

        /* The record may be of a start that has not come far, or from another version. */
        machine.record.name = machine.record.name ?: arena_copy(arena, name);
        machine.leader_name = read_leader_name(arena, machine.record.leader);
        if (machine.record.cgroup) {
                machine.n_processes.is_known = group_count_processes(machine.record.cgroup,
                                                               &machine.n_processes.value) >= 0;
                machine.memory_bytes.is_known = group_read_memory(machine.record.cgroup,
                                                                &machine.memory_bytes.value) >= 0;
        }

        *ret_machine = machine;
        return 0;
}

int machine_log(const char *name, int r) {
        if (r == -ENOENT)
                log_error("Machine '%s' is not running", name);
        else
                log_error_hint(r, r == -EACCES ? "only root may look" : NULL,
                                "Failed to read the record of machine '%s'", name);

        return r;
}

static void write_quantity(Writer *writer, const char *key, Quantity quantity) {
        if (quantity.is_known)
                writer_unsigned(writer, key, quantity.value);
        else
                writer_string(writer, key, NULL);
}

static void write_ids(const RecordFields *record, Writer *writer) {
        if (record->id_count == 0) {
                writer_string(writer, "ids", NULL);
                return;
        }

        writer_begin_object(writer, "ids", WRITER_LINE);
        writer_unsigned(writer, "base", record->id_base);
        writer_unsigned(writer, "count", record->id_count);
        writer_end(writer);
}

static void write_machine(const Machine *machine, Writer *writer) {
        const RecordFields *record = &machine->record;

        writer_begin_object(writer, NULL, WRITER_BLOCK);
        writer_string(writer, "name", record->name);
        writer_number(writer, "leader", record->leader);
        writer_string(writer, "leader_name", machine->leader_name);
        writer_number(writer, "manager", record->manager);
        writer_unsigned(writer, "since_us", record->since_us);
        writer_string(writer, "tree", record->root);
        writer_string(writer, "uuid", record->uuid);
        writer_string(writer, "service", record->service);
        write_ids(record, writer);
        writer_string(writer, "unit", record->unit);
        writer_string(writer, "cgroup", record->cgroup);
        writer_string(writer, "cgroup_kind", record->cgroup_kind);
        write_quantity(writer, "n_processes", machine->n_processes);
        write_quantity(writer, "memory_bytes", machine->memory_bytes);
        writer_string(writer, "console", record->console);
        writer_bool(writer, "is_registered", record->is_registered != 0);
        writer_end(writer);
}

int machine_print_json(const Machine *machines, size_t n_machines, FILE *file) {
        Writer writer;
        int r;

        writer_init(&writer, WRITER_JSON);
        writer_begin_list(&writer, NULL, WRITER_BLOCK);
        for (size_t i = 0; i < n_machines; i++)
                write_machine(&machines[i], &writer);
        writer_end(&writer);
        r = writer_print(&writer, file);
        writer_done(&writer);
        return r;
}

/* The two largest units of SECONDS. */
static const char *format_duration(Arena *arena, uint64_t seconds) {
        static const struct {
                uint64_t seconds;
                const char *name;
        } units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };

        for (size_t i = 0; i + 1 < ELEMENTSOF(units); i++)
                if (seconds >= units[i].seconds)
                        return arena_printf(arena, "%" PRIu64 "%s %" PRIu64 "%s",
                                        seconds / units[i].seconds, units[i].name,
                                        seconds % units[i].seconds / units[i + 1].seconds,
                                        units[i + 1].name);

        return arena_printf(arena, "%" PRIu64 "s", seconds);
}

const char *machine_uptime(Arena *arena, const Machine *machine) {
        uint64_t since_s = machine->record.since_us / USEC_PER_SEC;
        time_t now = time(NULL);

        if (since_s == 0)
                return "-";

        /* The clock may have been set back since. */
        return format_duration(arena, (uint64_t)now > since_s ? (uint64_t)now - since_s : 0);
}

const char *machine_ids(Arena *arena, const Machine *machine) {
        const RecordFields *record = &machine->record;

        if (record->id_count == 0)
                return "host";

        return arena_printf(arena, "%" PRIu64 "-%" PRIu64, record->id_base,
                        record->id_base + record->id_count - 1);
}

const char *machine_place(Arena *arena, const Machine *machine) {
        const RecordFields *record = &machine->record;

        if (record->unit || record->cgroup)
                return text_printable(arena, record->unit ?: record->cgroup);

        return "-";
}
