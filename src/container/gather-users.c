/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/gather-users.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "sys/rootpath.h"

enum { DATABASE_SIZE_MAX = 8 * 1024 * 1024, KEYS_SIZE_MAX = 65536 };

/* A password that somebody can have: neither locked, nor empty, nor "look elsewhere". */
static bool is_hash(const char *text) {
        return !text_is_empty(text) && text[0] != '!' && text[0] != '*' && !text_equal(text, "x");
}

static const char *find_hash(Arena *arena, const struct passwd *entry) {
        const struct spwd *shadow = getspnam(entry->pw_name);
        const char *hash = shadow ? shadow->sp_pwdp : entry->pw_passwd;

        return is_hash(hash) ? arena_copy(arena, hash) : NULL;
}

/* What comes first in the comment field. */
static const char *find_real_name(Arena *arena, const char *comment) {
        const char *name = arena_copy_n(arena, comment, strcspn(comment, ","));

        return text_is_empty(name) || text_printable(arena, name) != name ? NULL : name;
}

/* The home belongs to its user, who could have put anything in place of the file: it is opened
 * below the home only, and has to be the user's own, or it would show the payload what the user may
 * not see. */
static void read_keys(Arena *arena, HostUser *user) {
        CLEANUP_CLOSE int home_fd = open(user->home, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;
        CLEANUP_FREE char *text = malloc(KEYS_SIZE_MAX);
        char *rest = text, *line;
        struct stat st;

        fd = home_fd < 0 ? home_fd : rootpath_open_file(home_fd, "/.ssh/authorized_keys");
        if (!text || fd < 0 || fstat(fd, &st) < 0 || st.st_uid != user->uid)
                return;
        if (io_read_all(fd, text, KEYS_SIZE_MAX) < 0)
                return;

        while ((line = strsep(&rest, "\n"))) {
                line = text_strip(line);
                if (line[0] != '\0' && line[0] != '#' && text_printable(arena, line) == line)
                        string_list_add(arena, &user->ssh_keys, line);
        }
}

static int read_user(Arena *arena, const char *name, HostUser *ret_user) {
        const struct passwd *entry = getpwnam(name);
        HostUser user;

        if (!entry) {
                log_error("No user '%s' on this host", name);
                return -ESRCH;
        }
        if (entry->pw_uid == 0) {
                log_error("User '%s' is root, which the payload has one of its own of", name);
                return -EINVAL;
        }

        user = (HostUser){
                .name = arena_copy(arena, name),
                .uid = entry->pw_uid,
                .gid = entry->pw_gid,
                .real_name = find_real_name(arena, entry->pw_gecos),
                .home = path_simplify(arena, entry->pw_dir),
                .shell = path_is_absolute(entry->pw_shell) ? arena_copy(arena, entry->pw_shell)
                                                           : NULL,
        };
        user.password_hash =
                        find_hash(arena, entry); /* looks up anew: ENTRY's strings are used up */
        if (!path_is_absolute(user.home) || !path_is_normalized(user.home) ||
                        text_equal(user.home, "/")) {
                log_error("User '%s' has no home that could be bound: '%s'", name, user.home);
                return -EINVAL;
        }

        read_keys(arena, &user);
        *ret_user = user;
        return 0;
}

static int open_database(int tree_fd, const char *path, FILE **ret_file) {
        CLEANUP_CLOSE int fd = rootpath_open_file(tree_fd, path);
        struct stat st;

        *ret_file = NULL;
        if (fd == -ENOENT)
                return 0;
        if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > DATABASE_SIZE_MAX)
                return log_error_errno(
                                fd < 0 ? fd : -EFBIG, "Failed to read '%s' of the tree", path);

        *ret_file = fdopen(fd, "re");
        if (!*ret_file)
                return log_error_errno(-errno, "Failed to read '%s' of the tree", path);
        (void)TAKE_FD(fd);
        return 0;
}

static void add_account(Arena *arena, AccountList *list, const char *name, uint32_t id) {
        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof *list->items);
        list->items[list->n_items++] = (Account){ arena_copy(arena, name), id };
}

static int read_tree(int tree_fd, Facts *facts) {
        CLEANUP_FILE FILE *passwd = NULL, *group = NULL;
        struct passwd *user;
        struct group *entry;
        int r;

        r = open_database(tree_fd, "/etc/passwd", &passwd);
        if (r >= 0)
                r = open_database(tree_fd, "/etc/group", &group);
        if (r < 0)
                return r;

        while (passwd && (user = fgetpwent(passwd)))
                add_account(&facts->arena, &facts->root.users, user->pw_name, user->pw_uid);
        while (group && (entry = fgetgrent(group)))
                add_account(&facts->arena, &facts->root.groups, entry->gr_name, entry->gr_gid);
        return 0;
}

int gather_users(const Config *config, int tree_fd, Facts *facts, Sources *sources) {
        const StringList *names = &config->integration.bind_users;
        HostUserList *list = &facts->host_users;
        int r;

        if (names->n_items == 0)
                return 0;

        for (size_t i = 0; i < names->n_items; i++) {
                list->items = arena_grow(&facts->arena, list->items, list->n_items,
                                &list->n_allocated, sizeof *list->items);
                r = read_user(&facts->arena, names->items[i], &list->items[list->n_items]);
                if (r < 0)
                        return r;
                sources_add(facts, sources, list->items[list->n_items++].home);
        }

        return read_tree(tree_fd, facts);
}
