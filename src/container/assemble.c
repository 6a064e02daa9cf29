/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Order, and what each stage must not do yet:
 *
 *   1 clones              of what the root is made of
 *   2 private namespace   nothing of what follows is seen by the host; the payload's side is made
 *                         here, and makes its other namespaces meanwhile
 *     root                owners mapped, submounts read-only if asked, not the root itself yet
 *   3 base files          missing top-level directories; the tree is still writable
 *   4 mounts              in the plan's order, each on a target resolved below the root
 *   5 files               /dev, /run/host: on the mounts of 4, so that nothing lands on disk
 *   6 late mounts         what comes from outside: none of our files lands on it
 *   7 seal                late attributes; from here on nothing can be made any more
 *   8 hand over           the payload's side copies the mount namespace, which locks what is in it
 *
 * From 3 to 6 the manager acts with the ids of the payload's root, so all it makes belongs to it.
 */

#include "container/assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "container/handshake.h"
#include "sys/credentials.h"
#include "sys/kernel.h"
#include "sys/mountfd.h"
#include "sys/namespace.h"
#include "sys/rootpath.h"

LogLevel assemble_failure_level(const MountStep *step, int r) {
        bool is_cover = (step->made_by == MADE_BY_PAYLOAD || step->made_by == MADE_BY_BOTH) &&
                        step->kind != MOUNT_CGROUP2;

        if (step->flags & MOUNT_IS_COMFORT)
                return LOG_WARNING;
        if (is_cover && r != -ENOENT)
                return LOG_ERROR;

        return step->flags & MOUNT_IS_OPTIONAL ? LOG_DEBUG : LOG_ERROR;
}

int assemble_open_mount(const MountStep *step) {
        static const char *const types[MOUNT_KIND_MAX] = {
                [MOUNT_TMPFS] = "tmpfs",
                [MOUNT_RAMFS] = "ramfs",
                [MOUNT_PROC] = "proc",
                [MOUNT_SYSFS] = "sysfs",
                [MOUNT_CGROUP2] = "cgroup2",
                [MOUNT_MQUEUE] = "mqueue",
                [MOUNT_DEVPTS] = "devpts",
                [MOUNT_SELINUXFS] = "selinuxfs",
        };
        CLEANUP_CLOSE int fd = -EBADF;
        MountMessage message = { 0 };
        int r;

        if (types[step->kind]) {
                fd = mountfd_new(types[step->kind], step->options, step->attributes, &message);
                if (fd < 0)
                        return log_full(assemble_failure_level(step, fd), fd,
                                        message.text[0] ? message.text : NULL,
                                        "Failed to make %s for '%s'", types[step->kind],
                                        step->target);
                return TAKE_FD(fd);
        }

        fd = mountfd_clone(AT_FDCWD, step->source, /* recursive= */ false,
                        step->flags & MOUNT_IS_TUNNEL ? MS_SLAVE : MS_PRIVATE);
        if (fd < 0)
                return log_full(assemble_failure_level(step, fd), fd, NULL,
                                "Failed to open '%s' to mount it on '%s'", step->source,
                                step->target);
        r = mountfd_set_attributes(fd, /* recursive= */ true, step->attributes,
                        step->flags & MOUNT_IS_WRITABLE ? MOUNT_ATTR_RDONLY : 0);
        if (r < 0)
                return log_full(assemble_failure_level(step, r), r, NULL,
                                "Failed to set the attributes of the mount on '%s'", step->target);

        return TAKE_FD(fd);
}

bool assemble_lies_on(const char *path, const MountStep *step, size_t *length) {
        size_t n = strlen(step->target);

        if (n < *length || text_equal(path, step->target) || !path_is_below(path, step->target))
                return false;

        *length = n;
        return true;
}

int assemble_find_base(const Container *container, const char *path, const char **ret_rest) {
        const Plan *plan = container->plan;
        int base_fd = container->root_fd;
        size_t length = 0;

        for (size_t i = 0; i < plan->n_mounts; i++)
                if (plan->mounts[i].made_by == MADE_BY_MANAGER && container->opened[i].fd >= 0 &&
                                assemble_lies_on(path, &plan->mounts[i], &length))
                        base_fd = container->opened[i].fd;

        *ret_rest = path + length;
        return base_fd;
}

/* What is attached stays open: others, and files, may lie on it. */
static int attach_mount(Container *container, size_t i) {
        const MountStep *step = &container->plan->mounts[i];
        CLEANUP_CLOSE int fd = -EBADF, target_fd = -EBADF;
        const char *rest;
        int base_fd, r;

        fd = assemble_open_mount(step);
        if (fd < 0)
                return fd;

        base_fd = assemble_find_base(container, step->target, &rest);
        target_fd = step->flags & MOUNT_ON_LINK
                                    ? rootpath_open(base_fd, rest, O_PATH | O_NOFOLLOW, 0)
                                    : rootpath_make_target(base_fd, rest, io_is_directory(fd));
        if (target_fd < 0)
                return log_full(assemble_failure_level(step, target_fd), target_fd, NULL,
                                "Failed to prepare '%s' as a mount point in '%s'", step->target,
                                container->plan->root);
        r = mountfd_attach(fd, target_fd);
        if (r < 0)
                return log_full(assemble_failure_level(step, r), r, NULL, "Failed to mount on '%s'",
                                step->target);

        container->opened[i].fd = TAKE_FD(fd);
        return 0;
}

static int attach_mounts(Container *container) {
        const Plan *plan = container->plan;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n_mounts; i++) {
                if (plan->mounts[i].made_by != MADE_BY_MANAGER ||
                                text_equal(plan->mounts[i].target, "/"))
                        continue;
                r = attach_mount(container, i);
                if (r < 0 && assemble_failure_level(&plan->mounts[i], r) != LOG_ERROR)
                        r = 0;
        }

        return r;
}

static int seal(const Container *container) {
        const Plan *plan = container->plan;
        int r;

        for (size_t i = 0; i < plan->n_mounts; i++) {
                const MountStep *step = &plan->mounts[i];

                if (step->made_by != MADE_BY_MANAGER || container->opened[i].fd < 0 ||
                                step->late_attributes == 0)
                        continue;
                r = mountfd_set_attributes(container->opened[i].fd, /* recursive= */ false,
                                step->late_attributes, 0);
                if (r < 0)
                        return log_error_errno(r, "Failed to seal '%s'", step->target);
        }

        if (plan->is_root_read_only) {
                r = mountfd_set_attributes(
                                container->root_fd, /* recursive= */ false, MOUNT_ATTR_RDONLY, 0);
                if (r < 0)
                        return log_error_errno(r, "Failed to make '%s' read-only", plan->root);
        }

        return 0;
}

/* What R, of making a file, means for the start. */
static int judge_file(const Container *container, const FileStep *step, int r) {
        bool is_comfort = step->flags & FILE_IS_COMFORT;

        if (r >= 0)
                return 0;

        if (!is_comfort)
                return log_error_errno(r, "Failed to make '%s' in '%s'", step->path,
                                container->plan->root);

        log_warning_errno(r, "Failed to place '%s' in '%s', ignoring", step->path,
                        container->plan->root);
        return 0;
}

/* A tree that cannot be written has to do with the top-level directories that it has; whether
 * one is missing that a mount needs, that mount will tell. */
static int make_base_files(Container *container) {
        const Plan *plan = container->plan;
        FileMaker maker = FILE_MAKER(container->root_fd);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n_base_files; i++) {
                r = assemble_file(&maker, &plan->base_files[i], NULL);
                r = r == -EROFS ? 0 : judge_file(container, &plan->base_files[i], r);
        }

        file_maker_done(&maker);
        return r;
}

static int make_files(Container *container) {
        const Plan *plan = container->plan;
        FileMaker maker = FILE_MAKER(container->root_fd);
        int r = 0;

        maker.container = container;
        for (size_t i = 0; r >= 0 && i < plan->n_files; i++) {
                r = assemble_file(&maker, &plan->files[i],
                                plan->files[i].kind == FILE_LISTENER
                                                ? &container->receiver.socket_fd
                                                : &container->notify_fd);
                r = judge_file(container, &plan->files[i], r);
        }

        file_maker_done(&maker);
        return r;
}

/* Stages 3 to 7. */
static int fill_root(Container *container) {
        int r;

        r = assemble_attach_root(container);
        if (r >= 0)
                r = assemble_attach_old_root(container);
        if (r >= 0)
                r = make_base_files(container);
        if (r >= 0)
                r = attach_mounts(container);
        if (r >= 0)
                r = make_files(container);
        if (r >= 0)
                r = assemble_attach_late(container);
        if (r >= 0)
                r = seal(container);
        return r;
}

/* The tree, and the mounts that are attached over there. */
static int hand_over(const Container *container) {
        const Plan *plan = container->plan;
        int fd = container->handshake_fd, r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n_mounts; i++)
                if (plan->mounts[i].made_by == MADE_BY_BOTH && container->opened[i].fd >= 0)
                        r = handshake_tell(fd, HANDSHAKE_MOUNT, (int)i, container->opened[i].fd);

        return r < 0 ? r : handshake_tell(fd, HANDSHAKE_ASSEMBLED, 0, container->root_fd);
}

int container_enter_assembly(Container *container) {
        int r;

        r = namespace_open_home(&container->home);
        if (r < 0)
                return log_error_errno(r, "Failed to open our mount namespace");
        r = assemble_prepare_root(container);
        if (r >= 0)
                r = assemble_open_sources(container);
        if (r < 0)
                return r;
        r = namespace_unshare_mounts();
        if (r < 0)
                return log_error_hint(r,
                                r == -ENOSPC ? "user.max_mnt_namespaces forbids more" : NULL,
                                "Failed to make a mount namespace");

        return 0;
}

int container_assemble(Container *container) {
        const Plan *plan = container->plan;
        int r;

        r = assemble_open_root(container);
        if (r < 0)
                return r;

        r = credentials_act_as(plan->ids.root_id);
        if (r < 0)
                return log_error_errno(r, "Failed to act as user %u", plan->ids.root_id);
        r = fill_root(container);
        if (credentials_act_as(0) < 0)
                return log_error_errno(-EPERM, "Failed to act as root again");
        if (r < 0)
                return r;

        return hand_over(container);
}

int container_leave_assembly(Container *container) {
        int r;

        assemble_close_sources(container);
        if (container->home.namespace_fd < 0)
                return 0;

        r = namespace_return_home(&container->home);
        if (r < 0)
                return log_error_errno(r, "Failed to go back to the host's mount namespace");

        container->root_fd = fd_close(container->root_fd);
        return 0;
}
