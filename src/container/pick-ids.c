/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/pick-ids.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"

enum { TRIES = 100, MAP_SIZE = 16384 };

/* The ids that we have at all: all of them, or, in a user namespace, those that were handed to us
 * by --private-users-delegate= or the like. */
typedef struct {
        bool has_all;
        IdRange users[ID_RANGES_MAX], groups[ID_RANGES_MAX]; /* our numbers are OUTSIDE */
        size_t n_users, n_groups;
} OwnIds;

/* Whether all users and groups come from /etc/passwd and /etc/group, so that no name service has to
 * be loaded to ask for them (that takes as long as half of a start). systemd's own sources count:
 * their ids lie outside of the range for containers, or are the very ranges that are locked here.
 * Source: systemd's UIDS-GIDS document. */
static bool has_local_users_only(void) {
        CLEANUP_FILE FILE *file = fopen("/etc/nsswitch.conf", "re");
        CLEANUP_FREE char *line = NULL;
        size_t size = 0;

        if (!file)
                return false;

        while (getline(&line, &size, file) > 0) {
                char *rest = line, *word = strsep(&rest, ":");

                line[strcspn(line, "\n#")] = '\0';
                if (!rest || (!text_equal(text_strip(word), "passwd") &&
                                             !text_equal(text_strip(word), "group")))
                        continue;
                while ((word = strsep(&rest, " \t\n")))
                        if (word[0] != '\0' && !text_equal(word, "files") &&
                                        !text_equal(word, "systemd") &&
                                        !text_equal(word, "mymachines"))
                                return false;
        }

        return true;
}

/* Whether a line of FILE, /etc/passwd or /etc/group, has the id of one in the range. */
static bool is_listed(const char *file, uint32_t base) {
        CLEANUP_FILE FILE *stream = fopen(file, "re");
        CLEANUP_FREE char *line = NULL;
        size_t size = 0;

        while (stream && getline(&line, &size, stream) > 0) {
                char *rest = line, *word = NULL;
                uint32_t id;

                for (int i = 0; i < 3 && rest; i++)
                        word = strsep(&rest, ":"); /* name:password:id:… */
                if (rest && parse_u32(word, &id) >= 0 && id >= base && id - base < ID_RANGE_SIZE)
                        return true;
        }

        return false;
}

static bool is_known(uint32_t base) {
        uint32_t last = base + ID_RANGE_SIZE - 1;

        if (is_listed("/etc/passwd", base) || is_listed("/etc/group", base))
                return true;
        if (has_local_users_only())
                return false;

        return getpwuid(base) || getgrgid(base) || getpwuid(last) || getgrgid(last);
}

/* Whether FILE ("/etc/subuid") gives any id of the range to a user. */
static bool is_subordinate(const char *file, uint32_t base) {
        CLEANUP_FILE FILE *stream = fopen(file, "re");
        CLEANUP_FREE char *line = NULL;
        size_t size = 0;

        while (stream && getline(&line, &size, stream) > 0) {
                char *rest = line;
                uint32_t start, count;

                line[strcspn(line, "\n")] = '\0';
                (void)strsep(&rest, ":"); /* the user */
                if (!rest)
                        continue;
                if (parse_u32(strsep(&rest, ":"), &start) < 0 || !rest ||
                                parse_u32(rest, &count) < 0)
                        continue;
                if (start < (uint64_t)base + ID_RANGE_SIZE && base < (uint64_t)start + count)
                        return true;
        }

        return false;
}

static bool is_free(uint32_t base) {
        return !is_known(base) && !is_subordinate("/etc/subuid", base) &&
               !is_subordinate("/etc/subgid", base);
}

/* Reads FILE, lines of three numbers: our id, the parent's, how many. */
static size_t read_map(const char *file, IdRange ranges[static ID_RANGES_MAX]) {
        char text[MAP_SIZE], *rest = text, *line;
        size_t n = 0;

        if (io_read_file(AT_FDCWD, file, text, sizeof text) < 0)
                return 0;

        while (n < ID_RANGES_MAX && (line = strsep(&rest, "\n")))
                if (sscanf(line, "%" SCNu32 "%*u%" SCNu32, &ranges[n].outside, &ranges[n].count) ==
                                2)
                        n++;
        return n;
}

static void read_own_ids(OwnIds *own) {
        own->n_users = read_map("/proc/self/uid_map", own->users);
        own->has_all = own->n_users == 0 || own->users[0].count == UINT32_MAX;
        if (!own->has_all)
                own->n_groups = read_map("/proc/self/gid_map", own->groups);
}

static bool is_own(const OwnIds *own, uint32_t base) {
        return own->has_all ||
               (id_ranges_have_outside(own->users, own->n_users, base, ID_RANGE_SIZE) &&
                               id_ranges_have_outside(
                                               own->groups, own->n_groups, base, ID_RANGE_SIZE));
}

/* Locks the range at BASE: 0, -EBUSY if it is taken, known or not ours, -errno. */
static int try_range(const OwnIds *own, uint32_t base, IdLocks *locks) {
        int r;

        if (base < ID_LOCKS_FIRST_BASE || base > ID_LOCKS_LAST_BASE || !is_own(own, base))
                return -EBUSY;

        r = id_locks_take(locks, base);
        if (r < 0)
                return r;
        if (!is_free(base)) {
                id_locks_drop(locks);
                return -EBUSY;
        }

        return 0;
}

static uint32_t range_start(uint64_t id) {
        return (uint32_t)id & ~(uint32_t)(ID_RANGE_SIZE - 1);
}

/* How many whole ranges RANGE has, and where the first one begins. */
static uint64_t count_whole(const IdRange *range, uint64_t *ret_first) {
        uint64_t end = (uint64_t)range->outside + range->count;

        *ret_first = ((uint64_t)range->outside + ID_RANGE_SIZE - 1) / ID_RANGE_SIZE * ID_RANGE_SIZE;
        return end > *ret_first ? (end - *ret_first) / ID_RANGE_SIZE : 0;
}

/* Range number NUMBER, counted round and round, of those that a user namespace has whole. */
static uint32_t own_range(const OwnIds *own, uint64_t number) {
        uint64_t first, n_ranges = 0;

        for (size_t i = 0; i < own->n_users; i++)
                n_ranges += count_whole(&own->users[i], &first);
        if (n_ranges == 0)
                return 0;

        number %= n_ranges;
        for (size_t i = 0; i < own->n_users; i++) {
                uint64_t n = count_whole(&own->users[i], &first);

                if (number < n)
                        return (uint32_t)(first + number * ID_RANGE_SIZE);
                number -= n;
        }

        return 0;
}

/* The candidate for try number I: the preferred one, the one of the name, then any. */
static uint32_t candidate(const OwnIds *own, int i, const char *name, uint32_t preferred) {
        uint64_t number = text_hash(name, strlen(name));

        if (i == 0)
                return preferred;
        if (!own->has_all)
                return own_range(own, number + (uint64_t)i);
        if (i > 1 && getrandom(&number, sizeof number, 0) != sizeof number)
                number = text_hash(&i, sizeof i);

        return ID_LOCKS_FIRST_BASE +
               (uint32_t)(number %
                               ((ID_LOCKS_LAST_BASE - ID_LOCKS_FIRST_BASE) / ID_RANGE_SIZE + 1)) *
                               ID_RANGE_SIZE;
}

/* 1 with the base of a range that is now locked, 0 if none was found, or a logged error. */
static int pick_one(const OwnIds *own,
                const char *name,
                uint32_t preferred,
                IdLocks *locks,
                uint32_t *ret_base) {
        for (int i = 0; i < TRIES; i++) {
                uint32_t base = candidate(own, i, name, preferred);
                int r = try_range(own, base, locks);

                if (r >= 0) {
                        *ret_base = base;
                        return 1;
                }
                if (r != -EBUSY)
                        return log_error_errno(r, "Failed to lock the id range '%s/%u'",
                                        ID_LOCKS_FOLDER, base);
        }

        return 0;
}

int pick_ids(const PickRequest *request, IdLocks *locks, Facts *facts) {
        OwnIds own;
        int r;

        read_own_ids(&own);
        facts->has_all_ids = own.has_all;
        if (request->wants_base) {
                r = pick_one(&own, request->name, range_start(request->owner_uid), locks,
                                &facts->picked_base);
                if (r < 0)
                        return r;
        }

        while (facts->n_delegated < request->n_delegated) {
                /* The same ones in every run, if they are free: trees in the tree are owned by
                 * them. */
                const char *name = arena_printf(
                                &facts->arena, "%s/%u", request->name, facts->n_delegated);

                r = pick_one(&own, name, 0, locks, &facts->delegated_bases[facts->n_delegated]);
                if (r <= 0)
                        return r;
                facts->n_delegated++;
        }

        return 0;
}
