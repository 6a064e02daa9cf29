/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Looks the user up in the tree's own passwd and group files. No name service is asked: that would
 * load the tree's libraries into this process, which still has rights that the payload will not.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "container/inside.h"
#include "sys/rootpath.h"

enum { DATABASE_SIZE_MAX = 8 * 1024 * 1024 };

/* Opens a database of the tree; NULL if it is missing or nothing that one would want to read. */
static FILE *open_database(const char *path) {
        CLEANUP_CLOSE int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;
        struct stat st;
        FILE *file;

        fd = rootpath_open_file(root_fd, path);
        if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > DATABASE_SIZE_MAX)
                return NULL;

        file = fdopen(fd, "re");
        if (file)
                (void)TAKE_FD(fd);
        return file;
}

static void take_entry(Inside *inside, const struct passwd *entry) {
        inside->user.uid = entry->pw_uid;
        inside->user.gid = entry->pw_gid;
        inside->user.name = arena_copy(inside->arena, entry->pw_name);
        inside->user.home = arena_copy(inside->arena, entry->pw_dir);
        inside->user.shell = arena_copy(inside->arena, entry->pw_shell);
}

/* Fills inside->user from passwd by name, or by number if NAME is one; whether it was found. */
static bool find_entry(Inside *inside, const char *name, bool is_number, uid_t uid) {
        CLEANUP_FILE FILE *file = open_database("/etc/passwd");
        struct passwd *entry;

        while (file && (entry = fgetpwent(file)))
                if (is_number ? entry->pw_uid == uid : text_equal(entry->pw_name, name)) {
                        take_entry(inside, entry);
                        return true;
                }

        return false;
}

/* The same from the users of the host that the plan knows. */
static bool find_bound_user(Inside *inside, const char *name, bool is_number, uid_t uid) {
        const Plan *plan = inside->plan;

        for (size_t i = 0; i < plan->n_users; i++) {
                const BoundUser *user = &plan->users[i];

                if (is_number ? user->id != uid : !text_equal(user->name, name))
                        continue;
                inside->user = (InsideUser){
                        .uid = user->id,
                        .gid = user->id,
                        .name = user->name,
                        .home = user->home,
                        .shell = user->shell,
                        .groups = user->group_ids,
                        .n_groups = user->n_group_ids,
                };
                return true;
        }

        return false;
}

static void find_groups(Inside *inside) {
        CLEANUP_FILE FILE *file = open_database("/etc/group");
        size_t n_allocated = 0;
        struct group *entry;

        while (file && (entry = fgetgrent(file)))
                for (char **member = entry->gr_mem; *member; member++) {
                        InsideUser *user = &inside->user;

                        if (!text_equal(*member, user->name))
                                continue;
                        user->groups = arena_grow(inside->arena, user->groups, user->n_groups,
                                        &n_allocated, sizeof(gid_t));
                        user->groups[user->n_groups++] = entry->gr_gid;
                        break;
                }
}

/* A user whose home is missing gets one, as it would at its first login. */
static void make_home(const InsideUser *user) {
        CLEANUP_CLOSE int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;
        const char *name;

        if (user->uid == 0 || text_is_empty(user->home))
                return;
        fd = rootpath_make_parent(root_fd, user->home, &name);
        if (fd < 0 || mkdirat(fd, name, 0755) < 0)
                return;
        if (fchownat(fd, name, user->uid, user->gid, AT_SYMLINK_NOFOLLOW) < 0)
                log_debug_errno(-errno, "Failed to give '%s' to its user", user->home);
}

int inside_find_user(Inside *inside) {
        const char *name = inside->plan->process.user;
        uint32_t uid = 0;
        bool is_number = !name || parse_id(name, &uid) >= 0;

        inside->user = (InsideUser){ .name = "root", .home = "/root", .shell = NULL };
        if (!name) {
                /* Root needs no database, but a login shell of its own choice. */
                if (inside->plan->process.kind == PROCESS_SHELL)
                        (void)find_entry(inside, NULL, /* is_number= */ true, 0);
                return 0;
        }

        if (find_bound_user(inside, name, is_number, uid))
                return 0;
        if (!find_entry(inside, name, is_number, uid)) {
                if (!is_number) {
                        log_error("No user '%s' in the tree's '/etc/passwd'", name);
                        return -ESRCH;
                }
                inside->user = (InsideUser){ .uid = uid, .gid = uid, .name = name, .home = "/" };
        }
        find_groups(inside);
        make_home(&inside->user);
        return 0;
}
