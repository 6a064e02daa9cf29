/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/root.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "image/submounts.h"
#include "sys/mountfd.h"
#include "sys/rootpath.h"

/* Where machines live, most important first; the same list that machinectl knows. */
static const char *const machine_folders[] = {
        "/etc/machines",
        "/run/machines",
        "/var/lib/machines",
        "/usr/local/lib/machines",
        "/usr/lib/machines",
};
static const char new_machines_folder[] = "/var/lib/machines";

static int open_directory(const char *path) {
        int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* Opens the tree of the machine's name. -ENOENT, not logged, if there is none. */
static int find_by_name(const Config *config, Arena *arena, const char **ret_path) {
        for (size_t i = 0; i < ELEMENTSOF(machine_folders); i++) {
                char *path = path_join(arena, machine_folders[i], config->machine);
                CLEANUP_CLOSE int fd = open_directory(path);

                if (fd >= 0) {
                        *ret_path = path;
                        return TAKE_FD(fd);
                }
                if (fd != -ENOENT && fd != -ENOTDIR) {
                        *ret_path = path;
                        return fd;
                }
        }

        *ret_path = path_join(arena, new_machines_folder, config->machine);
        return -ENOENT;
}

/* Opens the tree that CONFIG names. RET_PATH is set even if there is none: where it would be. */
static int find_tree(const Config *config, Arena *arena, const char **ret_path) {
        bool is_by_name = !config->directory && config->machine;
        int fd;

        *ret_path = config->directory ?: ".";
        fd = is_by_name ? find_by_name(config, arena, ret_path) : open_directory(*ret_path);
        if (fd >= 0 || (fd == -ENOENT && config->template))
                return fd;
        if (is_by_name && fd == -ENOENT)
                log_error("No tree of machine '%s' in /var/lib/machines or the other machine "
                          "folders (name a folder with --directory=)",
                                config->machine);
        else
                log_error_hint(fd, fd == -ENOENT ? "make one with mmdebstrap or debootstrap" : NULL,
                                "Failed to open tree '%s'", *ret_path);

        return fd;
}

const char *root_real_path(Arena *arena, int fd, const char *fallback) {
        char link[64], path[PATH_MAX];
        ssize_t n;

        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd); /* always fits */
        n = readlink(link, path, sizeof path);
        return n > 0 && (size_t)n < sizeof path ? arena_copy_n(arena, path, (size_t)n) : fallback;
}

/* The tree as the user calls it, by PATH unless that ends in no name. */
static const char *named_path(Arena *arena, const char *path, const char *real) {
        const char *named = path_simplify(arena, path), *last = path_last(arena, named);

        return last[0] == '\0' || text_equal(last, ".") || text_equal(last, "..") ? real : named;
}

static bool is_same_directory(int fd, const char *path) {
        struct stat a, b;

        return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
               a.st_ino == b.st_ino;
}

/* Whether every directory from the tree up to "/" lets other users pass. */
bool root_is_reachable(int tree_fd) {
        CLEANUP_CLOSE int fd = openat(tree_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

        for (int depth = 0; fd >= 0 && depth < 128; depth++) {
                struct stat st;
                int parent_fd;

                if (fstat(fd, &st) < 0 || !(st.st_mode & S_IXOTH))
                        return false;
                if (is_same_directory(fd, "/"))
                        return true;
                parent_fd = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
                fd_close(fd);
                fd = parent_fd;
        }

        return false;
}

static const char *host_name(Arena *arena) {
        struct utsname host;

        return uname(&host) < 0 ? "" : arena_copy(arena, host.nodename);
}

static int read_facts(int tree_fd, Arena *arena, const char *path, RootFacts *ret_facts) {
        RootFacts facts = { 0 };
        struct stat st;
        struct statvfs vfs;

        if (fstat(tree_fd, &st) < 0 || fstatvfs(tree_fd, &vfs) < 0)
                return log_error_errno(-errno, "Failed to look at tree '%s'", path);

        facts.path = root_real_path(arena, tree_fd, path);
        facts.named_path = named_path(arena, path, facts.path);
        facts.owner_uid = st.st_uid;
        facts.owner_gid = st.st_gid;
        facts.is_read_only = vfs.f_flag & ST_RDONLY;
        facts.is_host_root = is_same_directory(tree_fd, "/");
        facts.name = facts.is_host_root ? host_name(arena) : path_last(arena, facts.named_path);
        facts.is_exposed = root_is_reachable(tree_fd);

        *ret_facts = facts;
        return 0;
}

/* What depends on the place PATH, where the tree that FACTS were read of shall have a copy. */
static int move_facts(const char *path, int tree_fd, RootFacts *facts, Arena *arena) {
        const char *parent = path_parent(arena, path);
        CLEANUP_CLOSE int parent_fd = open_directory(parent);
        const char *name = path_last(arena, path);
        struct statvfs vfs;
        struct stat st;

        if (name[0] == '\0' || text_equal(name, ".") || text_equal(name, "..")) {
                log_error("'%s' is no name for a new tree", path);
                return -EINVAL;
        }
        if (parent_fd < 0 && (parent_fd != -ENOENT || !path_is_absolute(path)))
                return log_error_errno(parent_fd, "Failed to open '%s'", parent);

        facts->template_path = facts->path;
        facts->path = path_simplify(arena, path);
        if (parent_fd >= 0)
                facts->path = path_join(arena, root_real_path(arena, parent_fd, parent), name);
        facts->named_path = path_simplify(arena, path);
        facts->name = name;
        facts->is_host_root = false;
        facts->is_read_only =
                        parent_fd >= 0 && fstatvfs(parent_fd, &vfs) >= 0 && vfs.f_flag & ST_RDONLY;
        facts->is_exposed = parent_fd >= 0 && root_is_reachable(parent_fd) &&
                            fstat(tree_fd, &st) >= 0 && st.st_mode & S_IXOTH;
        return submounts_list(facts->template_path, arena, &facts->submounts);
}

/* The template stands in for a tree that is to be its copy: so all can be decided, and refused,
 * before there is one. */
static int
open_template(const Config *config, const char *path, RootFacts *ret_facts, Arena *arena) {
        CLEANUP_CLOSE int fd = open_directory(config->template);
        int r;

        if (fd < 0)
                return log_error_errno(fd, "Failed to open template '%s'", config->template);
        r = read_facts(fd, arena, config->template, ret_facts);
        if (r >= 0)
                r = move_facts(path, fd, ret_facts, arena);

        return r < 0 ? r : TAKE_FD(fd);
}

/* A stack is more than the tree in it: name and settings are the stack's. */
static void name_by_stack(const char *path, RootFacts *facts, Arena *arena) {
        static const char suffix[] = ".mstack";
        CLEANUP_CLOSE int fd = open_directory(path);
        size_t length;

        facts->named_path = named_path(arena, path, root_real_path(arena, fd, path));
        facts->name = path_last(arena, facts->named_path);
        length = strlen(facts->name);
        if (length > strlen(suffix) && text_equal(facts->name + length - strlen(suffix), suffix))
                facts->name = arena_copy_n(arena, facts->name, length - strlen(suffix));
}

int root_open(const Config *config, Root *ret_root, RootFacts *ret_facts, Arena *arena) {
        CLEANUP_CLOSE int fd = -EBADF;
        const char *path = NULL;
        int r = 0;

        fd = find_tree(config, arena, &path);
        if (fd >= 0)
                r = read_facts(fd, arena, path, ret_facts);
        else if (fd == -ENOENT && config->template)
                r = fd = open_template(config, path, ret_facts, arena);
        else
                return fd;
        if (r < 0)
                return r;

        if (config->mstack)
                name_by_stack(config->mstack, ret_facts, arena);
        if (config->template && !ret_facts->template_path)
                log_notice("'%s' exists already and stays as it is", path);
        ret_root->tree_fd = TAKE_FD(fd);
        return 0;
}

const char *root_machine_folder(size_t i) {
        return i < ELEMENTSOF(machine_folders) ? machine_folders[i] : NULL;
}

int root_clone(Root *root) {
        int fd;

        fd = mountfd_clone(root->tree_fd, "", /* recursive= */ true, MS_PRIVATE);
        if (fd < 0)
                return log_error_hint(fd,
                                fd == -ENOSPC ? "user.max_mnt_namespaces or fs.mount-max forbids "
                                                "more of them"
                                              : NULL,
                                "Failed to clone the tree's mount in a namespace of its own");

        root->mount_fd = fd;
        return 0;
}

void root_done(Root *root) {
        (void)upper_done(&root->upper); /* logged; usually done already */
        for (size_t i = 0; i < root->n_layers; i++) {
                tree_lock_done(&root->layers[i].lock);
                root->layers[i].fd = fd_close(root->layers[i].fd);
        }
        root->n_layers = 0;
        tree_lock_done(&root->lock);
        root->mount_fd = fd_close(root->mount_fd);
        root->view_fd = fd_close(root->view_fd);
        root->tree_fd = fd_close(root->tree_fd);
}
