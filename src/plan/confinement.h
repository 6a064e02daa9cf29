/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a machine may do, in one form for a plan and for a machine that runs, with a plain remark on
 * each weakening: what "--dry-run=security" and the verb "security" show.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/id-range.h"
#include "base/limit.h"
#include "base/writer.h"
#include "config/types.h"
#include "plan/plan.h"

typedef enum {
        SPACE_USER,
        SPACE_MOUNT,
        SPACE_PID,
        SPACE_UTS,
        SPACE_IPC,
        SPACE_NETWORK,
        SPACE_CGROUP,
        SPACE_TIME,
        SPACE_MAX,
} Space;

/* The kernel's word for each in /proc/PID/ns, "user", "mnt", … */
extern const char *const space_files[SPACE_MAX];

/* Something from outside of the tree that is seen inside. */
typedef struct {
        const char *path;
        const char *source;
        bool is_writable;
} ConfinementMount;

typedef struct {
        const char *name;
        bool is_running; /* read from the machine itself; else from a plan */
        bool has_own[SPACE_MAX];
        IdRange *ranges; /* without a user namespace: none */
        size_t n_ranges;
        uint64_t capabilities;
        bool no_new_privileges;
        bool is_call_filtered;
        const char *calls;      /* what the filter does differently from the default, or NULL */
        const char *families;   /* of sockets that can be opened beyond the default, or NULL */
        bool opens_any_by_i386; /* by socketcall(), in which no filter sees the family */
        const char *label;      /* of mandatory access control, or NULL */
        Tristate has_device_filter;
        StringList devices; /* beyond those that every machine has */
        ConfinementMount *mounts;
        size_t n_mounts, n_mounts_allocated;
        bool is_root_read_only;
        bool is_kernel_writable; /* nothing lies on /proc/sys */
        StringList masked;       /* paths that show nothing of what is there */
        StringList read_only;    /* parts of /proc and /sys that can only be read */
        bool has_cgroup;
        const char *memory_max, *processes_max, *cpu_max; /* NULL: no limit */
        Limit limits[LIMIT_MAX];                          /* of each process */
} Confinement;

/* Whether the payload's root is nobody on the host. */
bool confinement_is_boundary(const Confinement *confinement);

/* Adds MOUNT, unless it is one that every machine has. */
void confinement_add_mount(Arena *arena, Confinement *confinement, const ConfinementMount *mount);

/* Whether a machine has that node without having been given it: those of every system, terminals,
 * and what keeps to itself what is done with it. */
bool confinement_is_usual_device(const DeviceRule *device);

/* What PLAN's filter allows beyond the default: of calls, and of families of sockets. In words, or
 * NULL; in ARENA or static. */
const char *confinement_calls(const Plan *plan, Arena *arena);
const char *confinement_families(const Plan *plan, Arena *arena);

/* What PLAN will let a machine do; strings live in ARENA or PLAN. */
Confinement confinement_of_plan(const Plan *plan, Arena *arena);

/* One object, the whole document of WRITER. */
void confinement_write(const Confinement *confinement, Writer *writer);

/* The same as a text or as JSON, printed to FILE. 0, or -errno if it cannot be written. */
int confinement_print(const Confinement *confinement, WriterFormat format, FILE *file);
