/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Attaching the mounts that come behind our files: those that the user wants.
 *
 * A tree chooses where its links lead, and a folder of the host's that is mounted inside must not
 * get files by that. So all targets are made before the first of these mounts is attached, while
 * only the tree and file systems of ours can be reached. Only what is to lie on one of these mounts
 * is made later, below that one's own top.
 *
 * What lies on a file system of the payload's side is opened here too, with the rights to do so,
 * and attached there.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "container/assemble.h"
#include "sys/mountfd.h"
#include "sys/rootpath.h"

/* Those that have a mount of their own; hiding something has not. */
static bool is_late(const MountStep *step) {
        return (step->made_by == MADE_BY_MANAGER_LATE || step->made_by == MADE_BY_BOTH) &&
               step->kind != MOUNT_INACCESSIBLE;
}

/* Whoever owns the target inside is the one that the owner of the source becomes. */
static int map_to_target(int fd, const MountStep *step, int target_fd) {
        IdRange user, group;
        struct stat st;

        if (fstat(target_fd, &st) < 0)
                return log_error_errno(-errno, "Failed to look at '%s'", step->target);

        user = step->map->users[0];
        group = step->map->groups[0];
        user.outside = st.st_uid;
        group.outside = st.st_gid;
        return assemble_map_bind(fd, step, &(IdMap){ &user, 1, &group, 1 });
}

static const char *target_hint(int r) {
        return r == -ENOTDIR || r == -EISDIR
                               ? "source and destination have to be both folders, or both not"
               : r == -EROFS ? "it is missing, and cannot be made there"
                             : NULL;
}

/* The mount that row I is to lie on, of those before it: the one with the longest target. */
static const OpenedMount *find_cover(const Container *container, size_t i, const char **ret_rest) {
        const MountStep *steps = container->plan->mounts;
        const OpenedMount *cover = NULL;
        size_t length = 0;

        for (size_t j = 0; j < i; j++)
                if (steps[j].made_by == MADE_BY_MANAGER_LATE && container->opened[j].fd >= 0 &&
                                assemble_lies_on(steps[i].target, &steps[j], &length))
                        cover = &container->opened[j];

        *ret_rest = steps[i].target + length;
        return cover;
}

/* Opens the target of row I, or makes it where that is the time for it. */
static int open_target(const Container *container, size_t i, bool is_first_round) {
        const MountStep *step = &container->plan->mounts[i];
        bool is_directory = io_is_directory(container->opened[i].fd);
        const OpenedMount *cover;
        const char *rest;
        int base_fd, fd;

        cover = find_cover(container, i, &rest);
        if (cover && is_first_round)
                return -EBADF;
        base_fd = cover ? cover->fd : assemble_find_base(container, step->target, &rest);
        if (cover || is_first_round)
                fd = rootpath_make_target(base_fd, rest, is_directory);
        else
                fd = rootpath_open(base_fd, rest, O_PATH | (is_directory ? O_DIRECTORY : 0), 0);
        if (fd < 0)
                return log_error_hint(fd, target_hint(fd),
                                "Failed to prepare '%s' as a mount point in '%s'", step->target,
                                container->plan->root);

        return fd;
}

/* The first round: everything is opened, and all targets are made that are in the tree. */
static int prepare_late(Container *container) {
        const Plan *plan = container->plan;

        for (size_t i = 0; i < plan->n_mounts; i++) {
                CLEANUP_CLOSE int target_fd = -EBADF;
                int fd;

                if (!is_late(&plan->mounts[i]))
                        continue;
                fd = assemble_open_late(container, i);
                if (fd < 0)
                        return fd;
                container->opened[i].fd = fd;
                if (plan->mounts[i].made_by == MADE_BY_BOTH)
                        continue;
                target_fd = open_target(container, i, /* is_first_round= */ true);
                if (target_fd < 0 && target_fd != -EBADF)
                        return target_fd;
        }

        return 0;
}

/* The second round. What is attached stays open: others may have to be attached on it. */
static int attach_late(const Container *container, size_t i) {
        const MountStep *step = &container->plan->mounts[i];
        CLEANUP_CLOSE int target_fd = -EBADF;
        int fd = container->opened[i].fd, r;

        target_fd = open_target(container, i, /* is_first_round= */ false);
        if (target_fd < 0)
                return target_fd;

        if (step->flags & MOUNT_MAP_IS_TARGET) {
                r = map_to_target(fd, step, target_fd);
                if (r < 0)
                        return r;
        }

        r = mountfd_attach(fd, target_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to mount on '%s'", step->target);

        return 0;
}

int assemble_hide(int base_fd, const char *path, int target_fd, const MountStep *step) {
        static const struct {
                mode_t type;
                const char *cover;
        } covers[] = {
                { S_IFREG, "reg" },
                { S_IFDIR, "dir" },
                { S_IFIFO, "fifo" },
                { S_IFSOCK, "sock" },
                { S_IFCHR, "chr" },
                { S_IFBLK, "blk" },
        };
        CLEANUP_CLOSE int covers_fd = -EBADF, cover_fd = -EBADF, fd = -EBADF;
        const char *cover = covers[0].cover;
        struct stat st;
        int r;

        if (target_fd < 0)
                return log_error_errno(target_fd, "Failed to open '%s' to hide it", step->target);
        if (fstat(target_fd, &st) < 0)
                return log_error_errno(-errno, "Failed to look at '%s'", step->target);

        for (size_t i = 0; i < ELEMENTSOF(covers); i++)
                if ((st.st_mode & S_IFMT) == covers[i].type)
                        cover = covers[i].cover;
        /* Below the folder that holds them: a link in it could lead to what is to be hidden. */
        covers_fd = rootpath_open(base_fd, path, O_PATH | O_DIRECTORY, 0);
        cover_fd = covers_fd < 0 ? covers_fd : rootpath_open(covers_fd, cover, O_PATH, 0);
        if (cover_fd == -ENOENT && covers_fd >= 0 && !S_ISDIR(st.st_mode))
                /* There are no nodes in a user namespace. */
                cover_fd = rootpath_open(covers_fd, covers[0].cover, O_PATH, 0);
        if (cover_fd < 0)
                return log_error_errno(cover_fd, "Failed to open '%s/%s' to hide '%s'",
                                INACCESSIBLE_FOLDER, cover, step->target);

        fd = mountfd_clone(cover_fd, "", /* recursive= */ false, MS_PRIVATE);
        r = fd < 0 ? fd : mountfd_set_attributes(fd, /* recursive= */ false, step->attributes, 0);
        if (r >= 0)
                r = mountfd_attach(fd, target_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to hide '%s'", step->target);

        return 0;
}

static int hide(const Container *container, const MountStep *step) {
        CLEANUP_CLOSE int target_fd = -EBADF;
        const char *rest, *covers;
        int base_fd = assemble_find_base(container, step->target, &rest);
        int covers_fd = assemble_find_base(container, INACCESSIBLE_FOLDER, &covers);

        target_fd = rootpath_open(base_fd, rest, O_PATH, 0);
        return assemble_hide(covers_fd, covers, target_fd, step);
}

int assemble_attach_late(Container *container) {
        const Plan *plan = container->plan;
        int r;

        r = prepare_late(container);
        for (size_t i = 0; r >= 0 && i < plan->n_mounts; i++) {
                const MountStep *step = &plan->mounts[i];

                if (step->made_by != MADE_BY_MANAGER_LATE)
                        continue;
                r = step->kind == MOUNT_INACCESSIBLE ? hide(container, step)
                                                     : attach_late(container, i);
        }

        return r < 0 ? r : 0;
}

int assemble_attach_root(Container *container) {
        const Plan *plan = container->plan;

        for (size_t i = 0; i < plan->n_mounts; i++) {
                CLEANUP_CLOSE int fd = -EBADF;
                int r;

                if (plan->mounts[i].made_by != MADE_BY_MANAGER ||
                                !text_equal(plan->mounts[i].target, "/"))
                        continue;
                fd = assemble_open_late(container, i);
                if (fd < 0)
                        return fd;
                r = mountfd_attach(fd, container->root_fd);
                if (r < 0)
                        return log_error_errno(r, "Failed to mount on '/'");
                fd_close(container->root_fd);
                container->root_fd = TAKE_FD(fd);
        }

        return 0;
}
