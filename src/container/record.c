/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "sys/lock.h"

enum { RECORD_SIZE = 65536 };

/* The table that both writing and reading follow. */
typedef enum {
        FIELD_TEXT,
        FIELD_NUMBER,
        FIELD_LIST, /* a line for each item */
} FieldKind;

static const struct {
        const char *key;
        FieldKind kind;
        size_t offset;
} fields_table[] = {
        { "NAME", FIELD_TEXT, offsetof(RecordFields, name) },
        { "ROOT", FIELD_TEXT, offsetof(RecordFields, root) },
        { "OTHER", FIELD_LIST, offsetof(RecordFields, others) },
        { "SERVICE", FIELD_TEXT, offsetof(RecordFields, service) },
        { "UUID", FIELD_TEXT, offsetof(RecordFields, uuid) },
        { "UNIT", FIELD_TEXT, offsetof(RecordFields, unit) },
        { "CGROUP", FIELD_TEXT, offsetof(RecordFields, cgroup) },
        { "CGROUP_KIND", FIELD_TEXT, offsetof(RecordFields, cgroup_kind) },
        { "CHANGES", FIELD_TEXT, offsetof(RecordFields, changes) },
        { "UPPER", FIELD_TEXT, offsetof(RecordFields, upper) },
        { "CONSOLE", FIELD_TEXT, offsetof(RecordFields, console) },
        { "CALLS", FIELD_TEXT, offsetof(RecordFields, calls) },
        { "FAMILIES", FIELD_TEXT, offsetof(RecordFields, families) },
        { "FOLDER", FIELD_LIST, offsetof(RecordFields, folders) },
        { "INNER_FOLDER", FIELD_LIST, offsetof(RecordFields, inner_folders) },
        { "PIVOT", FIELD_TEXT, offsetof(RecordFields, pivot) },
        { "LEADER", FIELD_NUMBER, offsetof(RecordFields, leader) },
        { "LEADER_IDENTITY", FIELD_TEXT, offsetof(RecordFields, leader_identity) },
        { "MANAGER", FIELD_NUMBER, offsetof(RecordFields, manager) },
        { "SINCE_US", FIELD_NUMBER, offsetof(RecordFields, since_us) },
        { "ID_BASE", FIELD_NUMBER, offsetof(RecordFields, id_base) },
        { "ID_COUNT", FIELD_NUMBER, offsetof(RecordFields, id_count) },
        { "ID_LOCKS", FIELD_TEXT, offsetof(RecordFields, id_locks) },
        { "REGISTERED", FIELD_NUMBER, offsetof(RecordFields, is_registered) },
        { "KILL_SIGNAL", FIELD_NUMBER, offsetof(RecordFields, kill_signal) },
};

/* A line break in a value would be read back as a key of its own. */
static bool is_one_line(const char *text) {
        return !strchr(text, '\n');
}

typedef struct {
        char text[RECORD_SIZE];
        size_t length; /* as much as it would be if it does not fit */
} RecordText;

static void add_line(RecordText *record, const char *key, const char *value) {
        if (!value || !is_one_line(value) || record->length >= sizeof record->text)
                return;

        record->length += (size_t)snprintf(record->text + record->length,
                        sizeof record->text - record->length, "%s=%s\n", key, value);
}

static void add_field(RecordText *record, const char *key, FieldKind kind, const void *field) {
        const StringList *list = field;
        char number[DECIMAL_MAX];

        switch (kind) {
        case FIELD_TEXT:
                add_line(record, key, *(const char *const *)field);
                break;
        case FIELD_NUMBER:
                (void)snprintf(number, sizeof number, "%lld", *(const long long *)field);
                add_line(record, key, number);
                break;
        case FIELD_LIST:
                for (size_t i = 0; i < list->n_items; i++)
                        add_line(record, key, list->items[i]);
                break;
        }
}

int record_write(const Record *record, const RecordFields *fields) {
        RecordText lines; /* too large to be cleared for nothing */
        int r;

        lines.length = 0;
        lines.text[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(fields_table); i++)
                add_field(&lines, fields_table[i].key, fields_table[i].kind,
                                (const char *)fields + fields_table[i].offset);

        r = lines.length >= sizeof lines.text
                            ? -E2BIG
                            : io_replace_file(record->folder_fd, "record", lines.text, 0600);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to write the record of machine '%s'", record->name);

        return 0;
}

static void parse_line(Arena *arena, char *line, RecordFields *fields) {
        char *value = strchr(line, '=');

        if (!value)
                return;
        *value++ = '\0';

        for (size_t i = 0; i < ELEMENTSOF(fields_table); i++) {
                void *field = (char *)fields + fields_table[i].offset;
                int64_t number;

                if (!text_equal(line, fields_table[i].key))
                        continue;
                if (fields_table[i].kind == FIELD_TEXT)
                        *(const char **)field = arena_copy(arena, value);
                else if (fields_table[i].kind == FIELD_LIST)
                        string_list_add(arena, field, value);
                else if (parse_i64(value, &number) >= 0)
                        *(int64_t *)field = number;
        }
}

int record_load(Arena *arena, const char *name, RecordFields *ret_fields, bool *ret_is_running) {
        CLEANUP_CLOSE int base_fd = -EBADF, folder_fd = -EBADF;
        char text[RECORD_SIZE], *rest = text, *line;
        RecordFields fields = { 0 };
        ssize_t n;

        base_fd = open(RECORD_FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (base_fd < 0)
                return -errno;
        folder_fd = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (folder_fd < 0)
                return -errno;

        n = io_read_file(folder_fd, "record", text, sizeof text);
        if (n < 0)
                return (int)n;
        while ((line = strsep(&rest, "\n")))
                parse_line(arena, line, &fields);

        *ret_is_running = lock_is_held(folder_fd, "lock") == 1;
        *ret_fields = fields;
        return 0;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int record_list(Arena *arena, StringList *ret_names) {
        CLEANUP_DIR DIR *dir = opendir(RECORD_FOLDER);
        StringList names = { 0 };
        struct dirent *entry;

        if (!dir && errno != ENOENT)
                return -errno;

        while (dir && (entry = readdir(dir)))
                if (entry->d_name[0] != '.')
                        string_list_add(arena, &names, entry->d_name);
        if (names.n_items > 0)
                qsort(names.items, names.n_items, sizeof *names.items, compare_names);

        *ret_names = names;
        return 0;
}

const char *record_find_by_root(Arena *arena, const char *root) {
        StringList names;

        if (record_list(arena, &names) < 0)
                return NULL;

        for (size_t i = 0; i < names.n_items; i++) {
                RecordFields fields;
                bool is_running;

                if (record_load(arena, names.items[i], &fields, &is_running) >= 0 && is_running &&
                                text_equal(fields.root, root))
                        return names.items[i];
        }

        return NULL;
}
