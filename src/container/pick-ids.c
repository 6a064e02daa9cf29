/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/pick-ids.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"
#include "sys/lock.h"

enum { RANGE_SIZE = 65536, TRIES = 100 };

/* The part of the id space that is set aside for containers, see systemd's UIDS-GIDS. */
static const uint32_t first_base = 524288, last_base = 1878982656 - RANGE_SIZE;

static void lock_path(uint32_t base, char ret_path[static 64]) {
        (void)snprintf(ret_path, 64, "/run/systemd/nspawn-uid/%u", base); /* always fits */
}

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
                if (rest && parse_u32(word, &id) >= 0 && id >= base && id - base < RANGE_SIZE)
                        return true;
        }

        return false;
}

static bool is_known(uint32_t base) {
        uint32_t last = base + RANGE_SIZE - 1;

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
                if (start < (uint64_t)base + RANGE_SIZE && base < (uint64_t)start + count)
                        return true;
        }

        return false;
}

static bool is_free(uint32_t base) {
        return !is_known(base) && !is_subordinate("/etc/subuid", base) &&
               !is_subordinate("/etc/subgid", base);
}

/* Locks the range at BASE: 0, -EBUSY if it is taken or known, -errno. */
static int try_range(uint32_t base, int *ret_lock_fd) {
        char path[64];
        int fd;

        base &= ~(uint32_t)(RANGE_SIZE - 1);
        if (base < first_base || base > last_base)
                return -EBUSY;

        lock_path(base, path);
        fd = lock_acquire(AT_FDCWD, path, /* exclusive= */ true);
        if (fd < 0)
                return fd;
        if (!is_free(base)) {
                (void)lock_release(fd, AT_FDCWD, path);
                return -EBUSY;
        }

        *ret_lock_fd = fd;
        return 0;
}

/* The candidate for try number I: the tree's own range, the one of the name, then any. */
static uint32_t candidate(int i, const char *name, uint32_t owner_uid) {
        uint64_t number = owner_uid;

        if (i == 0)
                return owner_uid & ~(uint32_t)(RANGE_SIZE - 1);
        if (i == 1)
                number = text_hash(name, strlen(name));
        else if (getrandom(&number, sizeof number, 0) != sizeof number)
                number = text_hash(&i, sizeof i);

        return first_base +
               (uint32_t)(number % ((last_base - first_base) / RANGE_SIZE + 1)) * RANGE_SIZE;
}

int pick_ids(const char *name, uint32_t owner_uid, uint32_t *ret_base, int *ret_lock_fd) {
        if ((mkdir("/run/systemd", 0755) < 0 && errno != EEXIST) ||
                        (mkdir("/run/systemd/nspawn-uid", 0755) < 0 && errno != EEXIST))
                return log_error_errno(-errno, "Failed to make '/run/systemd/nspawn-uid'");

        for (int i = 0; i < TRIES; i++) {
                uint32_t base = candidate(i, name, owner_uid);
                int r = try_range(base, ret_lock_fd);

                if (r >= 0) {
                        *ret_base = base;
                        return 0;
                }
                if (r != -EBUSY)
                        return log_error_errno(r, "Failed to lock the id range at %u", base);
        }

        *ret_base = 0;
        return 0;
}

void pick_ids_release(uint32_t base, int *lock_fd) {
        char path[64];

        lock_path(base, path);
        *lock_fd = lock_release(*lock_fd, AT_FDCWD, path);
}

void pick_ids_sweep(uint32_t base) {
        char path[64];
        int fd = -EBADF;

        lock_path(base, path);
        if (access(path, F_OK) == 0)
                fd = lock_acquire(AT_FDCWD, path, /* exclusive= */ true);
        if (fd >= 0)
                pick_ids_release(base, &fd);
}
