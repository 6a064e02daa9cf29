/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a root is made of besides the tree. Here it is only opened and looked at.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "image/root.h"
#include "image/submounts.h"
#include "sys/overlay-folder.h"

static int open_folder(int at_fd, const char *path) {
        int fd = openat(at_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* Whether the folder FD can be, or hold, what an overlay writes to. */
static bool can_write(int fd) {
        struct statvfs vfs;
        struct statfs fs;

        return fstatfs(fd, &fs) == 0 && fstatvfs(fd, &vfs) == 0 && !(vfs.f_flag & ST_RDONLY) &&
               overlay_can_write_to((uint64_t)fs.f_type) &&
               faccessat(fd, ".", W_OK, AT_EACCESS) == 0;
}

/* What an overlay writes over "/" cannot be beside it. */
static int see_beside(Root *root, RootFacts *facts, Arena *arena) {
        int fd = facts->is_host_root ? open_folder(AT_FDCWD, "/var/lib")
                                     : open_folder(root->tree_fd, "..");

        if (fd < 0)
                return log_error_errno(fd, "Failed to open the folder of tree '%s'", facts->path);

        root->upper.parent_fd = fd;
        facts->beside = root_real_path(arena, fd, "..");
        facts->can_write_beside = can_write(fd);
        return 0;
}

static bool is_empty(int fd) {
        CLEANUP_CLOSE int dir_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP_DIR DIR *dir = dir_fd < 0 ? NULL : fdopendir(dir_fd);
        struct dirent *entry;

        if (!dir)
                return false;
        TAKE_FD(dir_fd);

        while ((entry = readdir(dir)))
                if (!text_equal(entry->d_name, ".") && !text_equal(entry->d_name, ".."))
                        return false;
        return true;
}

/* A folder with other things in it is not written to: somebody may have meant another one. */
static int see_existing_upper(int fd, RootFacts *facts, int *ret_data_fd) {
        int data_fd = open_folder(fd, "data");

        if (data_fd < 0 && faccessat(fd, "layers", F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
                        !is_empty(fd)) {
                log_error("'%s' is neither empty nor a folder that --upper= has made, which has a "
                          "folder 'data'",
                                facts->upper);
                return -ENOTEMPTY;
        }

        facts->can_write_upper = can_write(fd);
        facts->is_upper_exposed = root_is_reachable(fd);
        *ret_data_fd = data_fd;
        return 0;
}

/* RET_DATA_FD: what was changed before, if anything was. */
static int
see_upper(const char *path, Root *root, RootFacts *facts, Arena *arena, int *ret_data_fd) {
        const char *name = path_last(arena, path);
        CLEANUP_CLOSE int fd = -EBADF;
        int parent_fd;

        fd = open_folder(AT_FDCWD, path);
        if (fd < 0 && fd != -ENOENT)
                return log_error_errno(fd, "Failed to open '%s'", path);

        parent_fd = fd >= 0 ? open_folder(fd, "..")
                            : open_folder(AT_FDCWD, path_parent(arena, path));
        if (parent_fd < 0)
                return log_error_errno(parent_fd, "Failed to open the folder of '%s'", path);
        root->upper.parent_fd = parent_fd;

        if (fd < 0) {
                facts->upper = path_join(arena, root_real_path(arena, parent_fd, "."), name);
                facts->can_write_upper = can_write(parent_fd);
                return 0;
        }

        facts->upper = root_real_path(arena, fd, path);
        return see_existing_upper(fd, facts, ret_data_fd);
}

static int open_layer(const char *path, Root *root, RootFacts *facts, Arena *arena) {
        CLEANUP_CLOSE int fd = open_folder(AT_FDCWD, path);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return log_error_errno(fd < 0 ? fd : -errno, "Failed to open layer '%s'", path);

        facts->layers[facts->n_layers++] = (LayerFacts){
                .path = root_real_path(arena, fd, path),
                .owner_uid = st.st_uid,
        };
        root->layers[root->n_layers++] = (RootLayer){ .fd = TAKE_FD(fd), .lock = TREE_LOCK_NONE };
        return 0;
}

static int open_all_layers(const StringList *paths, Root *root, RootFacts *facts, Arena *arena) {
        int r = 0;

        facts->layers = arena_allocate(arena, (paths->n_items + 1) * sizeof *facts->layers);
        root->layers = arena_allocate(arena, (paths->n_items + 1) * sizeof *root->layers);
        for (size_t i = 0; r >= 0 && i < paths->n_items; i++)
                r = open_layer(paths->items[i], root, facts, arena);
        for (size_t i = 0; r >= 0 && i < root->n_layers; i++)
                r = submounts_list(facts->layers[i].path, arena, &facts->submounts);
        return r;
}

static bool has_folder(int tree_fd, const char *path) {
        struct stat st;

        return fstatat(tree_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool is_overlay(const Config *config) {
        return config->ephemeral != EPHEMERAL_NO || config->upper || config->layers.n_items > 0 ||
               config->volatile_mode == VOLATILE_OVERLAY;
}

int root_open_layers(const Config *config, Root *root, RootFacts *facts, Arena *arena) {
        CLEANUP_CLOSE int data_fd = -EBADF;
        int r = 0;

        if (config->upper)
                r = see_upper(config->upper, root, facts, arena, &data_fd);
        else if (config->ephemeral == EPHEMERAL_DISK)
                r = see_beside(root, facts, arena);
        if (r >= 0 && config->layers.n_items > 0)
                r = open_all_layers(&config->layers, root, facts, arena);
        if (r >= 0 && is_overlay(config))
                r = submounts_list(facts->path, arena, &facts->submounts);
        if (r >= 0)
                r = root_read_content(config, root, data_fd, facts, arena);
        if (r >= 0 && config->volatile_mode == VOLATILE_YES)
                facts->has_own_bin = has_folder(root_view(root), "bin");
        return r;
}
