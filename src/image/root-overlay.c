/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an overlay over a tree has to know beyond the tree itself.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "image/root.h"
#include "sys/overlay-folder.h"

/* Of these the payload has its own, in any tree. */
static const char *const own_mounts[] = { "proc", "sys", "dev", "run", "tmp" };

/* Turns the "\ooo" of /proc/self/mountinfo into bytes, in place. */
static void unescape(char *text) {
        char *to = text;

        for (const char *from = text; *from; to++) {
                unsigned byte;

                if (from[0] == '\\' && sscanf(from, "\\%3o", &byte) == 1) {
                        *to = (char)byte;
                        from += 4;
                } else
                        *to = *from++;
        }
        *to = '\0';
}

static bool is_own(Arena *arena, const char *tree, const char *mount) {
        for (size_t i = 0; i < ELEMENTSOF(own_mounts); i++)
                if (path_is_below(mount, path_join(arena, tree, own_mounts[i])))
                        return true;

        return false;
}

static bool is_listed(const StringList *list, const char *mount) {
        for (size_t i = 0; i < list->n_items; i++)
                if (path_is_below(mount, list->items[i]))
                        return true;

        return false;
}

/* In the order of the file a mount comes behind the one that it is on. */
static int read_submounts(RootFacts *facts, Arena *arena) {
        CLEANUP_FILE FILE *file = fopen("/proc/self/mountinfo", "re");
        CLEANUP_FREE char *line = NULL;
        size_t size = 0;

        if (!file)
                return log_error_errno(-errno, "Failed to open '/proc/self/mountinfo'");

        while (getline(&line, &size, file) > 0) {
                char *rest = line, *mount = NULL;

                for (int i = 0; i < 5 && rest; i++)
                        mount = strsep(&rest, " ");
                if (!rest)
                        continue;
                unescape(mount);
                if (path_is_below(mount, facts->path) && !text_equal(mount, facts->path) &&
                                !is_own(arena, facts->path, mount) &&
                                !is_listed(&facts->submounts, mount))
                        string_list_add(arena, &facts->submounts, mount);
        }

        return 0;
}

/* What an overlay writes over "/" cannot be beside it. */
static int open_beside(int tree_fd, const RootFacts *facts) {
        int fd = facts->is_host_root ? open("/var/lib", O_PATH | O_DIRECTORY | O_CLOEXEC)
                                     : openat(tree_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int read_beside(Root *root, RootFacts *facts, Arena *arena) {
        CLEANUP_CLOSE int fd = open_beside(root->tree_fd, facts);
        struct statvfs vfs;
        struct statfs fs;

        if (fd < 0)
                return log_error_errno(fd, "Failed to open the folder of tree '%s'", facts->path);
        if (fstatfs(fd, &fs) < 0 || fstatvfs(fd, &vfs) < 0)
                return log_error_errno(
                                -errno, "Failed to look at the folder of tree '%s'", facts->path);

        facts->beside = root_real_path(arena, fd, "..");
        facts->can_write_beside = !(vfs.f_flag & ST_RDONLY) &&
                                  overlay_can_write_to((uint64_t)fs.f_type) &&
                                  faccessat(fd, ".", W_OK, AT_EACCESS) == 0;
        root->upper.parent_fd = TAKE_FD(fd);
        return 0;
}

int root_see_overlay(const Config *config, Root *root, RootFacts *facts, Arena *arena) {
        int r;

        if (config->ephemeral == EPHEMERAL_NO)
                return 0;

        if (config->ephemeral == EPHEMERAL_DISK) {
                r = read_beside(root, facts, arena);
                if (r < 0)
                        return r;
        }

        return read_submounts(facts, arena);
}
