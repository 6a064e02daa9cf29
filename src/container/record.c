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

enum { RECORD_SIZE = 16384 };

static const char base_folder[] = RECORD_FOLDER;

/* The table that both writing and reading follow. */
typedef enum {
        FIELD_TEXT,
        FIELD_NUMBER,
} FieldKind;

static const struct {
        const char *key;
        FieldKind kind;
        size_t offset;
} fields_table[] = {
        { "NAME", FIELD_TEXT, offsetof(RecordFields, name) },
        { "ROOT", FIELD_TEXT, offsetof(RecordFields, root) },
        { "SERVICE", FIELD_TEXT, offsetof(RecordFields, service) },
        { "UUID", FIELD_TEXT, offsetof(RecordFields, uuid) },
        { "UNIT", FIELD_TEXT, offsetof(RecordFields, unit) },
        { "CGROUP", FIELD_TEXT, offsetof(RecordFields, cgroup) },
        { "CGROUP_KIND", FIELD_TEXT, offsetof(RecordFields, cgroup_kind) },
        { "CONSOLE", FIELD_TEXT, offsetof(RecordFields, console) },
        { "LEADER", FIELD_NUMBER, offsetof(RecordFields, leader) },
        { "MANAGER", FIELD_NUMBER, offsetof(RecordFields, manager) },
        { "SINCE_US", FIELD_NUMBER, offsetof(RecordFields, since_us) },
        { "ID_BASE", FIELD_NUMBER, offsetof(RecordFields, id_base) },
        { "ID_COUNT", FIELD_NUMBER, offsetof(RecordFields, id_count) },
        { "REGISTERED", FIELD_NUMBER, offsetof(RecordFields, is_registered) },
        { "KILL_SIGNAL", FIELD_NUMBER, offsetof(RecordFields, kill_signal) },
};

static int open_base(bool make) {
        int fd;

        if (make && mkdir(base_folder, 0755) < 0 && errno != EEXIST)
                return -errno;

        fd = open(base_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}

/* Who holds NAME, for the error line. */
static int name_is_busy(const char *name) {
        Arena arena = { 0 };
        RecordFields fields;
        bool is_running;

        if (record_load(&arena, name, &fields, &is_running) >= 0 && fields.root)
                log_error("Machine '%s' is running already, from tree '%s' (process %lld)", name,
                                fields.root, (long long)fields.manager);
        else
                log_error("Machine name '%s' is in use by another program (systemd-nspawn?)", name);
        arena_done(&arena);
        return -EBUSY;
}

static void name_lock_path(const char *name, char ret_path[static 128]) {
        (void)snprintf(ret_path, 128, LOCK_FOLDER "/name-%s", name); /* always fits */
}

static int take_locks(const char *name, Record *record) {
        char path[128];
        int fd, r;

        fd = lock_acquire(record->folder_fd, "lock", /* exclusive= */ true);
        if (fd == -EBUSY)
                return name_is_busy(name);
        if (fd == -ENOENT)
                return fd;
        if (fd < 0)
                return log_error_errno(fd, "Failed to lock the record of machine '%s'", name);
        record->lock_fd = fd;

        r = lock_make_folder();
        if (r < 0)
                return log_error_errno(r, "Failed to make '%s'", LOCK_FOLDER);
        name_lock_path(name, path);
        fd = lock_acquire(AT_FDCWD, path, /* exclusive= */ true);
        if (fd == -EBUSY)
                return name_is_busy(name);
        if (fd < 0)
                return log_error_errno(fd, "Failed to lock machine name '%s'", name);
        record->name_lock_fd = fd;
        return 0;
}

/* Makes and opens the folder of NAME; again if the last run's end takes it away in between. */
static int open_folder(int base_fd, const char *name) {
        for (int tries = 0; tries < 16; tries++) {
                int fd;

                if (mkdirat(base_fd, name, 0700) < 0 && errno != EEXIST)
                        return -errno;
                fd = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                if (fd >= 0 || errno != ENOENT)
                        return fd < 0 ? -errno : fd;
        }

        return -EBUSY;
}

static int open_and_lock(const char *name, Record *record) {
        CLEANUP_CLOSE int base_fd = -EBADF;
        int r;

        base_fd = open_base(/* make= */ true);
        if (base_fd < 0)
                return log_error_errno(base_fd, "Failed to open '%s'", base_folder);
        record->folder_fd = open_folder(base_fd, name);
        if (record->folder_fd < 0)
                return log_error_errno(
                                record->folder_fd, "Failed to make '%s/%s'", base_folder, name);

        r = take_locks(name, record);
        if (r < 0) {
                record->lock_fd = fd_close(record->lock_fd);
                record->folder_fd = fd_close(record->folder_fd);
        }
        return r;
}

int record_open(const char *name, Record *ret_record, bool *ret_has_old) {
        Record record = RECORD_NONE;
        int r;

        /* -ENOENT: the folder was removed between opening and locking. */
        do
                r = open_and_lock(name, &record);
        while (r == -ENOENT);
        if (r < 0)
                return r;

        (void)snprintf(record.name, sizeof record.name, "%s", name); /* names have 64 at most */
        *ret_has_old = faccessat(record.folder_fd, "record", F_OK, 0) == 0;
        *ret_record = record;
        return 0;
}

/* A line break in a value would be read back as a key of its own. */
static bool is_one_line(const char *text) {
        return !strchr(text, '\n');
}

int record_write(const Record *record, const RecordFields *fields) {
        char text[RECORD_SIZE];
        size_t length = 0;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(fields_table); i++) {
                const void *field = (const char *)fields + fields_table[i].offset;

                if (fields_table[i].kind == FIELD_NUMBER)
                        length += (size_t)snprintf(text + length, sizeof text - length, "%s=%lld\n",
                                        fields_table[i].key, *(const long long *)field);
                else if (*(const char *const *)field && is_one_line(*(const char *const *)field))
                        length += (size_t)snprintf(text + length, sizeof text - length, "%s=%s\n",
                                        fields_table[i].key, *(const char *const *)field);
                if (length >= sizeof text)
                        return log_error_errno(-E2BIG, "Failed to write the record of machine '%s'",
                                        record->name);
        }

        r = io_replace_file(record->folder_fd, "record", text, 0600);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to write the record of machine '%s'", record->name);

        return 0;
}

void record_done(Record *record) {
        CLEANUP_CLOSE int base_fd = -EBADF;
        char path[128];

        if (record->name[0] != '\0') {
                base_fd = open_base(/* make= */ false);
                (void)unlinkat(record->folder_fd, "record", 0);
                (void)unlinkat(record->folder_fd, "lock", 0); /* while we hold it */
                (void)unlinkat(base_fd, record->name, AT_REMOVEDIR);
                name_lock_path(record->name, path);
                record->name_lock_fd = lock_release(record->name_lock_fd, path);
        }

        record->name_lock_fd = fd_close(record->name_lock_fd);
        record->lock_fd = fd_close(record->lock_fd);
        record->folder_fd = fd_close(record->folder_fd);
        record->name[0] = '\0';
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
                else if (parse_i64(value, &number) >= 0)
                        *(int64_t *)field = number;
        }
}

int record_load(Arena *arena, const char *name, RecordFields *ret_fields, bool *ret_is_running) {
        CLEANUP_CLOSE int base_fd = -EBADF, folder_fd = -EBADF;
        char text[RECORD_SIZE], *rest = text, *line;
        RecordFields fields = { 0 };
        ssize_t n;

        base_fd = open_base(/* make= */ false);
        if (base_fd < 0)
                return base_fd;
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
        CLEANUP_DIR DIR *dir = opendir(base_folder);
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
