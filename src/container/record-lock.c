/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who has a name. A folder below /run/boot-tree belongs to whoever has its lock; a record in a
 * folder whose lock is free is what a killed run left, and the next start of any machine sweeps it.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "container/export.h"
#include "container/id-locks.h"
#include "container/inner-folders.h"
#include "container/record.h"
#include "container/sources.h"
#include "image/tree-lock.h"
#include "image/upper.h"
#include "sys/cgroup.h"
#include "sys/lock.h"
#include "sys/process.h"

/* Who has a name without a machine that runs starts, ends or sweeps: we wait so long for that. */
enum { WAIT_MS = 3000, WAIT_STEP_MS = 2, KILL_TIMEOUT_MS = 10000 };

static int open_base(void) {
        int fd;

        if (mkdir(RECORD_FOLDER, 0755) < 0 && errno != EEXIST)
                return -errno;

        fd = open(RECORD_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}

/* Our own lock is held: -EBUSY after an error line if it is by a machine that runs; -EAGAIN if it
 * is free again soon. */
static int look_who_has_it(const char *name, bool is_last_look) {
        Arena arena = { 0 };
        RecordFields fields = { 0 };
        bool is_running;
        int r = -EBUSY;

        if (record_load(&arena, name, &fields, &is_running) < 0)
                fields.root = NULL;
        if (fields.root && process_exists((pid_t)fields.manager))
                log_error("Machine '%s' is running already, from tree '%s' (process %lld)", name,
                                fields.root, (long long)fields.manager);
        else if (is_last_look)
                log_error("Machine '%s' is just being started or ended by another boot-tree", name);
        else
                r = -EAGAIN;

        arena_done(&arena);
        return r;
}

static void name_lock_path(const char *name, char ret_path[static 128]) {
        (void)snprintf(ret_path, 128, LOCK_FOLDER "/name-%s", name); /* always fits */
}

/* nspawn's lock on the name, so that neither starts what the other runs. */
static int lock_name(const char *name, Record *record) {
        char path[128];
        int fd, r;

        r = lock_make_folder();
        if (r < 0)
                return log_error_errno(r, "Failed to make '%s'", LOCK_FOLDER);

        name_lock_path(name, path);
        fd = lock_acquire(AT_FDCWD, path, /* exclusive= */ true);
        if (fd == -EBUSY) {
                log_error("Machine name '%s' is in use by another program (systemd-nspawn?)", name);
                return -EBUSY;
        }
        if (fd < 0)
                return log_error_errno(fd, "Failed to lock machine name '%s'", name);

        record->name_lock_fd = fd;
        return 0;
}

/* Makes and locks the folder of NAME. 0; -EBUSY if somebody has it, or -ESTALE if an end in between
 * took it away, not logged; or a logged error. */
static int lock_folder(const char *name, Record *record) {
        CLEANUP_CLOSE int base_fd = -EBADF, folder_fd = -EBADF;
        int fd, r;

        base_fd = open_base();
        if (base_fd < 0)
                return log_error_errno(base_fd, "Failed to open '%s'", RECORD_FOLDER);
        if (mkdirat(base_fd, name, 0700) < 0 && errno != EEXIST)
                return log_error_errno(-errno, "Failed to make '%s/%s'", RECORD_FOLDER, name);
        folder_fd = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (folder_fd < 0) {
                r = -errno;
                (void)unlinkat(base_fd, name, AT_REMOVEDIR); /* unless somebody is in it */
                return r == -ENOENT ? -ESTALE
                                    : log_error_errno(r, "Failed to open '%s/%s'", RECORD_FOLDER,
                                                      name);
        }

        fd = lock_acquire(folder_fd, "lock", /* exclusive= */ true);
        if (fd == -ENOENT)
                return -ESTALE;
        if (fd == -EBUSY)
                return fd;
        if (fd < 0)
                return log_error_errno(fd, "Failed to lock the record of machine '%s'", name);

        record->folder_fd = TAKE_FD(folder_fd);
        record->lock_fd = fd;
        (void)snprintf(record->name, sizeof record->name, "%s", name); /* names have 64 at most */
        return 0;
}

void record_done(Record *record) {
        char path[128];

        if (record->name[0] != '\0') {
                CLEANUP_CLOSE int base_fd = open_base();

                (void)unlinkat(record->folder_fd, "record", 0);
                (void)unlinkat(record->folder_fd, "lock", 0); /* while we hold it */
                (void)unlinkat(base_fd, record->name, AT_REMOVEDIR);
                name_lock_path(record->name, path);
                record->name_lock_fd = lock_release(record->name_lock_fd, AT_FDCWD, path);
        }

        record->name_lock_fd = fd_close(record->name_lock_fd);
        record->lock_fd = fd_close(record->lock_fd);
        record->folder_fd = fd_close(record->folder_fd);
        record->name[0] = '\0';
}

/* Without a control group there is only the leader, with which the kernel ends all others. */
static int sweep_leader(const char *name, const RecordFields *fields) {
        int r;

        if (!fields->leader_identity || fields->leader <= 1 || fields->leader > INT32_MAX)
                return 0;

        r = process_kill_identified((pid_t)fields->leader, fields->leader_identity,
                        clock_monotonic_us() + KILL_TIMEOUT_MS * USEC_PER_MSEC);
        if (r < 0)
                return log_error_errno(r, "Failed to end process %lld of an earlier run of '%s'",
                                (long long)fields->leader, name);
        return 0;
}

/* Ends what the killed run FIELDS speaks of: its processes (a hostile PID 1 can have outlived its
 * manager) and its control group. All else ended with them, or is made anew by the next start. */
static int sweep_processes(const char *name, const RecordFields *fields) {
        int r;

        log_debug("Cleaning up what an earlier run of machine '%s' left", name);
        if (text_is_empty(fields->cgroup))
                return sweep_leader(name, fields);

        r = cgroup_kill(fields->cgroup, KILL_TIMEOUT_MS);
        if (r < 0)
                return log_error_errno(r, "Failed to end what an earlier run of '%s' left in '%s'",
                                name, fields->cgroup);

        /* The service manager removes a scope's itself once it has heard that it is empty. From a
         * group that is gone it hears nothing, and the scope would stay. */
        r = text_equal(fields->cgroup_kind, "scope") ? 0 : cgroup_remove(fields->cgroup);
        if (r < 0)
                log_debug_errno(r, "Failed to remove control group '%s'", fields->cgroup);
        return 0;
}

static int sweep_one(const char *name, const RecordFields *fields) {
        int r;

        r = sweep_processes(name, fields);
        if (r >= 0 && !text_is_empty(fields->upper))
                r = upper_sweep(fields->upper);
        if (r >= 0 && !text_is_empty(fields->root)) {
                inner_folders_sweep(fields->root, fields->pivot, &fields->inner_folders);
                tree_lock_sweep(fields->root);
        }
        for (size_t i = 0; r >= 0 && i < fields->others.n_items; i++)
                tree_lock_sweep(fields->others.items[i]);
        return r;
}

/* What other programs see of the name, whose lock we have. */
static void remove_published(const char *name) {
        char path[sizeof PROPAGATE_FOLDER + 65];

        (void)snprintf(path, sizeof path, PROPAGATE_FOLDER "/%s", name); /* names have 64 at most */
        (void)rmdir(path);                                               /* or it is in use */
        export_remove(name);
}

/* Goes too, if none of them has it by now. */
static void sweep_published(const char *name, Record *record) {
        char path[128];

        name_lock_path(name, path);
        record->name_lock_fd = lock_acquire(AT_FDCWD, path, /* exclusive= */ true);
        if (record->name_lock_fd >= 0)
                remove_published(name);
}

/* Removes all that the run FIELDS speaks of left, whose record RECORD has locked. 0; or -errno, and
 * then the record is still needed. */
static int sweep_all(Arena *arena, const char *name, const RecordFields *fields, Record *record) {
        int r;

        r = sweep_one(name, fields);
        if (r < 0)
                return r;

        sweep_published(name, record);
        sources_sweep(arena, &fields->folders);
        id_locks_sweep(arena, fields->id_locks);
        return 0;
}

static void sweep_name(Arena *arena, int base_fd, const char *name, bool is_forced) {
        Record record = RECORD_NONE;
        RecordFields fields;
        bool is_running;

        /* Without a record nothing has been made yet, or all is gone: not ours to touch. */
        if (record_load(arena, name, &fields, &is_running) < 0 || is_running)
                return;
        /* Its next start comes any moment, and is to find the name free. */
        if (!is_forced && fields.upper && upper_is_left(fields.upper))
                return;
        record.folder_fd = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (record.folder_fd < 0)
                return;

        /* Once more under the lock: it may have been started again meanwhile. */
        record.lock_fd = lock_acquire(record.folder_fd, "lock", /* exclusive= */ true);
        if (record.lock_fd >= 0 && record_load(arena, name, &fields, &is_running) >= 0 &&
                        sweep_all(arena, name, &fields, &record) >= 0)
                (void)snprintf(record.name, sizeof record.name, "%s", name);
        record_done(&record);
}

/* What is there under NAME, which we have locked: nothing; or what was left for us; or for somebody
 * who has not come for it. */
static int clear_name(const char *name, const char *left, Record *record) {
        Arena arena = { 0 };
        RecordFields fields;
        bool is_running;
        int r = -EBUSY;

        if (faccessat(record->folder_fd, "record", F_OK, 0) < 0)
                return 0;

        if (record_load(&arena, name, &fields, &is_running) >= 0 && fields.upper) {
                if (text_equal(fields.upper, left))
                        r = 0;
                else if (upper_is_left(fields.upper))
                        r = sweep_all(&arena, name, &fields, record);
                record->name_lock_fd = fd_close(record->name_lock_fd); /* taken again if wanted */
        }
        if (r == -EBUSY)
                log_error("What an earlier run of machine '%s' left could not be cleaned up", name);
        arena_done(&arena);
        return r;
}

/* The same, but waits for those who have it only for a moment. */
static int take_name(const char *name, Record *record) {
        uint64_t deadline_us = clock_monotonic_us() + WAIT_MS * USEC_PER_MSEC;

        for (;;) {
                int r = lock_folder(name, record);

                if (r != -EBUSY && r != -ESTALE)
                        return r;
                r = look_who_has_it(name, clock_monotonic_us() >= deadline_us);
                if (r != -EAGAIN)
                        return r;
                (void)poll(NULL, 0, WAIT_STEP_MS);
        }
}

int record_open(const char *name, bool globally, const char *left, Record *ret_record) {
        Record record = RECORD_NONE;
        int r;

        r = take_name(name, &record);
        if (r < 0)
                return r;

        r = clear_name(name, left, &record);
        if (r < 0)
                record.name[0] = '\0'; /* Leave it to the next try. */
        else
                r = globally ? lock_name(name, &record) : 0;
        if (r < 0) {
                record_done(&record);
                return r;
        }

        *ret_record = record;
        return 0;
}

void record_sweep(void) {
        CLEANUP_CLOSE int base_fd = -EBADF;
        Arena arena = { 0 };
        StringList names;

        base_fd = open(RECORD_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (base_fd < 0)
                return; /* Nothing has ever run here. */

        if (record_list(&arena, &names) >= 0)
                for (size_t i = 0; i < names.n_items; i++)
                        sweep_name(&arena, base_fd, names.items[i], /* is_forced= */ false);
        arena_done(&arena);
}

int record_clean_up(const char *name) {
        CLEANUP_CLOSE int base_fd = -EBADF;
        Record record = RECORD_NONE;
        Arena arena = { 0 };
        int r;

        base_fd = open_base();
        if (base_fd < 0)
                return log_error_errno(base_fd, "Failed to open '%s'", RECORD_FOLDER);
        sweep_name(&arena, base_fd, name, /* is_forced= */ true);
        arena_done(&arena);

        /* Whoever can take the name finds nothing left of it, or is told what is. */
        r = record_open(name, /* globally= */ true, /* left= */ NULL, &record);
        if (r < 0)
                return r;

        remove_published(name);
        record_done(&record);
        return 0;
}
