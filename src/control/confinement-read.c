/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/confinement-read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/path.h"
#include "base/text.h"
#include "control/confinement-mounts.h"
#include "sys/cgroup.h"
#include "sys/device-filter.h"
#include "sys/limit.h"

enum { FILE_SIZE = 16384, LABEL_SIZE = 4096 };

/* Everything is read below /proc/LEADER, held by one descriptor: should the process end and its
 * number be given to another, it leads nowhere. */
typedef struct {
        Arena *arena;
        int fd;
        pid_t leader;
} Source;

static const char *read_text(const Source *source, const char *name) {
        char *text = arena_allocate(source->arena, FILE_SIZE);

        return io_read_file(source->fd, name, text, FILE_SIZE) < 0 ? NULL : text;
}

static void read_namespaces(const Source *source, Confinement *confinement) {
        for (Space i = 0; i < SPACE_MAX; i++) {
                const char *path = arena_printf(source->arena, "ns/%s", space_files[i]);
                struct stat a, b;

                confinement->has_own[i] =
                                fstatat(source->fd, path, &a, 0) == 0 &&
                                stat(arena_printf(source->arena, "/proc/self/%s", path), &b) == 0 &&
                                a.st_ino != b.st_ino;
        }
}

static void read_ids(const Source *source, Confinement *confinement) {
        const char *text = read_text(source, "uid_map");
        IdRange range;
        int n;

        if (!confinement->has_own[SPACE_USER] || !text)
                return;

        confinement->ranges = arena_allocate(source->arena, ID_RANGES_MAX * sizeof range);
        while (confinement->n_ranges < ID_RANGES_MAX &&
                        sscanf(text, "%u %u %u%n", &range.inside, &range.outside, &range.count,
                                        &n) == 3) {
                confinement->ranges[confinement->n_ranges++] = range;
                text += n;
        }
}

static void read_status(const Source *source, Confinement *confinement) {
        const char *text = read_text(source, "status");
        struct {
                const char *key;
                uint64_t value;
        } fields[] = { { "\nCapBnd:", 0 }, { "\nNoNewPrivs:", 0 }, { "\nSeccomp:", 0 } };

        for (size_t i = 0; text && i < ELEMENTSOF(fields); i++) {
                const char *line = strstr(text, fields[i].key);

                if (line)
                        (void)sscanf(line + strlen(fields[i].key), " %" SCNx64, &fields[i].value);
        }

        confinement->capabilities = fields[0].value;
        confinement->no_new_privileges = fields[1].value == 1;
        confinement->is_call_filtered = fields[2].value == 2;
}

/* Where no module labels processes the file cannot be read, or says nothing. */
static void read_label(const Source *source, Confinement *confinement) {
        char *text = arena_allocate(source->arena, LABEL_SIZE);

        if (io_read_file(source->fd, "attr/current", text, LABEL_SIZE) <= 0)
                return;

        text[strcspn(text, "\n")] = '\0';
        if (!text_is_empty(text) && !text_equal(text, "kernel") && !text_equal(text, "unconfined"))
                confinement->label = text;
}

/* The limit NAME of GROUP, or of the nearest group above that has one. */
static const char *read_limit(Arena *arena, const char *group, const char *name) {
        const char *none = text_equal(name, "cpu.max") ? "max " : "max";

        for (; group && !text_equal(group, "/"); group = path_parent(arena, group)) {
                char text[64];

                if (io_read_file(AT_FDCWD, path_join(arena, group, name), text, sizeof text) < 0)
                        continue;
                text[strcspn(text, "\n")] = '\0';
                if (!text_after(text, none))
                        return arena_copy(arena, text);
        }

        return NULL;
}

/* "50000 100000", the time that may be used of a period, as the percentage that units have it in. */
static const char *to_percentage(Arena *arena, const char *text) {
        uint64_t quota, period;

        if (!text || sscanf(text, "%" SCNu64 " %" SCNu64, &quota, &period) != 2 || period == 0)
                return text;

        return arena_printf(arena, "%" PRIu64 "%%", quota * 100 / period);
}

/* Of the group that the process itself is in: in a unit the filter is not on that of the record. */
static Tristate read_device_filter(const Source *source) {
        const char *path;
        CgroupTree tree;
        int n_filters;

        if (cgroup_find(source->arena, &tree) < 0 ||
                        cgroup_of_process(source->arena, source->leader, &path) < 0)
                return TRISTATE_UNSET;

        n_filters = device_filter_count(path_join(source->arena, tree.mount, path));
        return n_filters < 0 ? TRISTATE_UNSET : n_filters == 0 ? TRISTATE_NO : TRISTATE_YES;
}

static void read_group(const Source *source, const RecordFields *record, Confinement *confinement) {
        if (!record->cgroup)
                return;

        confinement->has_cgroup = true;
        confinement->memory_max = read_limit(source->arena, record->cgroup, "memory.max");
        confinement->processes_max = read_limit(source->arena, record->cgroup, "pids.max");
        confinement->cpu_max = to_percentage(
                        source->arena, read_limit(source->arena, record->cgroup, "cpu.max"));
        confinement->has_device_filter = read_device_filter(source);
}

int confinement_read(Arena *arena, const RecordFields *record, Confinement *ret_confinement) {
        Source source = { .arena = arena, .leader = (pid_t)record->leader };
        Confinement confinement = {
                .name = record->name,
                .is_running = true,
                .calls = record->calls,
                .families = record->families,
        };
        CLEANUP_CLOSE int fd = -EBADF;
        int r;

        if (record->leader <= 0)
                return -ESRCH;
        fd = open(arena_printf(arena, "/proc/%d", source.leader),
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        source.fd = fd;

        r = confinement_read_mounts(arena, fd, &confinement);
        if (r < 0)
                return r;
        read_namespaces(&source, &confinement);
        read_ids(&source, &confinement);
        read_status(&source, &confinement);
        read_label(&source, &confinement);
        confinement_read_devices(arena, fd, &confinement);
        read_group(&source, record, &confinement);
        for (unsigned i = 0; i < LIMIT_MAX; i++) {
                r = limit_get(source.leader, i, &confinement.limits[i]);
                if (r < 0)
                        return r;
        }

        *ret_confinement = confinement;
        return 0;
}
