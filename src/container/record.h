/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The state record: /run/boot-tree/NAME/, one folder per running machine.
 *
 *   lock    locked while the machine's manager lives, whatever became of it: that is liveness
 *   record  KEY=VALUE lines about it, see RecordFields
 *
 * A folder whose lock is free is what a killed run left; the next start of any machine sweeps it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define RECORD_FOLDER "/run/boot-tree"

/* Where machinectl mounts what is to appear in a running machine, as it does for nspawn's. */
#define PROPAGATE_FOLDER "/run/systemd/nspawn/propagate"

typedef struct {
        int folder_fd; /* the record's folder */
        int lock_fd;
        int name_lock_fd; /* nspawn's lock on the name */
        char name[65];    /* "" while empty */
} Record;

#define RECORD_NONE ((Record){ .folder_fd = -EBADF, .lock_fd = -EBADF, .name_lock_fd = -EBADF })

/* What is known about a machine; NULL or 0 where it is not. */
typedef struct {
        const char *name;
        const char *root;    /* path of the tree */
        StringList others;   /* trees besides it that are read, by path */
        const char *service; /* boot-tree or systemd-nspawn */
        const char *uuid;
        const char *unit;        /* scope or service, on systemd hosts */
        const char *cgroup;      /* absolute path of the group that holds all of the payload */
        const char *cgroup_kind; /* own, scope, unit, none */
        const char *changes;     /* folder with data/ and work/ of an overlay, or NULL */
        const char *upper;       /* folder to be removed once the payload is dead, or NULL */
        const char *console;
        const char *calls;        /* what its filter of calls allows beyond the default, or NULL */
        const char *families;     /* the same of sockets */
        StringList folders;       /* the same, on the host: absolute paths */
        StringList inner_folders; /* the same, in the tree: paths of the payload's */
        const char *pivot;        /* the folder of the tree that is its root, or NULL: all */
        int64_t leader;           /* the payload's PID 1, on the host */
        int64_t manager;          /* this program */
        uint64_t since_us;        /* CLOCK_REALTIME */
        const char *leader_identity; /* see process_identify(); only without a control group */
        const char *id_locks;        /* the ranges that are locked for it, by their first ids */
        uint64_t id_base;            /* host id of the payload's root */
        uint64_t id_count;           /* 0: no user namespace */
        uint64_t is_registered;
        uint64_t kill_signal;
} RecordFields;

/* Sweeps what killed runs left, of whatever name: their payloads are killed and their control
 * groups removed, so that neither their trees nor their ids are used twice. What cannot be ended
 * is told and stays. To be called before anything is picked or taken for a new run. */
void record_sweep(void);

/* The same for one name, of which nothing may run; also for what systemd-nspawn left of it. 0, also
 * if there was nothing, or a logged error. */
int record_clean_up(const char *name);

/* Takes the name NAME: makes the folder and both locks.
 *
 * globally: take nspawn's lock on the name as well
 * left: the upper folder that an earlier run left for this one, see upper_leave(), or NULL
 * Waits if somebody just cleans up behind a killed run of that name. Returns 0; -EBUSY if the name
 * is in use, with an error line that says by whom; -errno, logged. */
int record_open(const char *name, bool globally, const char *left, Record *ret_record);

/* Replaces the record. Logged. */
int record_write(const Record *record, const RecordFields *fields);

/* Removes folder and locks, in any state. */
void record_done(Record *record);

/* Reads the record of NAME, whether it runs or not; RET_IS_RUNNING says which.
 * -ENOENT if there is none. Not logged. */
int record_load(Arena *arena, const char *name, RecordFields *ret_fields, bool *ret_is_running);

/* The names that have a folder, sorted. */
int record_list(Arena *arena, StringList *ret_names);

/* The running machine whose tree is ROOT, or NULL. */
const char *record_find_by_root(Arena *arena, const char *root);
