/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "container/assemble.h"
#include "container/inside.h"
#include "sys/kernel.h"
#include "sys/mountfd.h"
#include "sys/rootpath.h"

/* An optional row may have nothing to cover; that covering it fails is an error all the same, or a
 * mask would be gone without a word. The control group's row is for those who can use it. */
static int forgive(const MountStep *step, int r) {
        bool is_forgiven = step->flags & MOUNT_IS_COMFORT ||
                           (step->flags & MOUNT_IS_OPTIONAL &&
                                           (r == -ENOENT || step->kind == MOUNT_CGROUP2));

        return is_forgiven ? 0 : r;
}

static bool is_ours(const MountStep *step) {
        return step->made_by == MADE_BY_PAYLOAD || step->made_by == MADE_BY_BOTH;
}

static bool is_early(const MountStep *step) {
        return step->made_by == MADE_BY_PAYLOAD && step->kind != MOUNT_BIND_INSIDE &&
               step->kind != MOUNT_CGROUP2 && step->kind != MOUNT_INACCESSIBLE;
}

/* The kernel takes the working directory along into the copy, and nothing else (fact 2). */
int inside_copy_mounts(Inside *inside) {
        if (fchdir(inside->tree_fd) < 0)
                return log_error_errno(-errno, "Failed to enter '%s'", inside->plan->root);
        inside->tree_fd = fd_close(inside->tree_fd);

        if (unshare(CLONE_NEWNS) < 0)
                return log_error_hint(-errno,
                                errno == ENOSPC ? "user.max_mnt_namespaces forbids more" : NULL,
                                "Failed to make the payload's mount namespace");
        return 0;
}

int inside_open_mounts(Inside *inside) {
        const Plan *plan = inside->plan;

        for (size_t i = 0; i < plan->n_mounts; i++) {
                if (!is_early(&plan->mounts[i]))
                        continue;
                inside->mount_fds[i] = assemble_open_mount(&plan->mounts[i]);
                if (forgive(&plan->mounts[i], inside->mount_fds[i]) < 0)
                        return inside->mount_fds[i];
        }

        return 0;
}

int inside_switch_root(Inside *inside) {
        CLEANUP_CLOSE int fd = -EBADF, here_fd = -EBADF;
        int r;

        here_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (here_fd < 0)
                return log_error_errno(-errno, "Failed to open the assembled tree");
        fd = mountfd_clone(AT_FDCWD, ".", /* recursive= */ true, /* propagation= */ 0);
        r = fd < 0 ? fd : mountfd_attach(fd, here_fd);
        if (r >= 0 && fchdir(fd) < 0)
                r = -errno;
        if (r >= 0 && kernel_pivot_root(".", ".") < 0)
                r = -errno;
        if (r >= 0 && umount2(".", MNT_DETACH) < 0)
                r = -errno;
        if (r >= 0 && chdir("/") < 0)
                r = -errno;
        if (r < 0)
                return log_error_errno(r, "Failed to switch the root to '%s'", inside->plan->root);

        /* What systemd expects of its root: mounts made in one of its services' namespaces are
         * seen in the others. The tunnel stays a receiver of the host's as well. */
        if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
                return log_error_errno(-errno, "Failed to make the root shared");

        return 0;
}

static int no_follow(const MountStep *step) {
        return step->flags & MOUNT_ON_LINK ? O_NOFOLLOW : 0;
}

static int open_inside(int root_fd, const MountStep *step) {
        CLEANUP_CLOSE int source_fd = -EBADF, fd = -EBADF;
        int r;

        source_fd = rootpath_open(root_fd, step->source, O_PATH | no_follow(step), 0);
        if (source_fd < 0)
                return log_full(assemble_failure_level(step), source_fd, NULL,
                                "Failed to open '%s'", step->source);
        fd = mountfd_clone(source_fd, "", /* recursive= */ false, MS_PRIVATE);
        /* A clone starts with its source's attributes: what the row does not say has to go. */
        r = fd < 0 ? fd
                   : mountfd_set_attributes(fd, /* recursive= */ false, step->attributes,
                                     MOUNT_ATTR_RDONLY & ~step->attributes);
        if (r < 0)
                return log_full(assemble_failure_level(step), r, NULL, "Failed to clone '%s'",
                                step->source);

        return TAKE_FD(fd);
}

/* Keeps a reader of /proc/kmsg from waiting for a writer that never comes. */
static void hold_kmsg(Inside *inside, int root_fd, const MountStep *step) {
        if (text_equal(step->target, "/proc/kmsg"))
                inside->kmsg_fd = rootpath_open(root_fd, step->source, O_RDWR | O_NONBLOCK, 0);
}

static int attach(Inside *inside, int root_fd, const MountStep *step, int *mount_fd) {
        CLEANUP_CLOSE int target_fd = -EBADF;
        int r;

        if (step->kind == MOUNT_INACCESSIBLE)
                return assemble_hide(root_fd, step);

        if (*mount_fd < 0)
                *mount_fd = step->kind == MOUNT_BIND_INSIDE ? open_inside(root_fd, step)
                                                            : assemble_open_mount(step);
        if (*mount_fd < 0)
                return forgive(step, *mount_fd);

        /* Below /proc and /sys nothing can be made: a target is there or the row is void. */
        target_fd = step->kind == MOUNT_BIND_INSIDE && step->made_by == MADE_BY_PAYLOAD
                                    ? rootpath_open(root_fd, step->target, O_PATH | no_follow(step),
                                                      0)
                                    : rootpath_make_target(root_fd, step->target,
                                                      io_is_directory(*mount_fd));
        r = target_fd < 0 ? target_fd : mountfd_attach(*mount_fd, target_fd);
        *mount_fd = fd_close(*mount_fd);
        if (r < 0)
                return forgive(step, log_full(assemble_failure_level(step), r, NULL,
                                                     "Failed to mount on '%s'", step->target));

        hold_kmsg(inside, root_fd, step);
        return 0;
}

int inside_attach_mounts(Inside *inside) {
        CLEANUP_CLOSE int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        const Plan *plan = inside->plan;

        for (size_t i = 0; i < plan->n_mounts; i++) {
                int r;

                if (!is_ours(&plan->mounts[i]) || plan->mounts[i].kind == MOUNT_CGROUP2)
                        continue;
                r = attach(inside, root_fd, &plan->mounts[i], &inside->mount_fds[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

int inside_attach_cgroup(Inside *inside) {
        CLEANUP_CLOSE int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        const Plan *plan = inside->plan;

        if (plan->has_cgroup_namespace && plan->cgroup.kind == CGROUP_SCOPE &&
                        unshare(CLONE_NEWCGROUP) < 0)
                return log_error_errno(-errno, "Failed to make a control group namespace");

        for (size_t i = 0; i < plan->n_mounts; i++) {
                int r;

                if (plan->mounts[i].kind != MOUNT_CGROUP2)
                        continue;
                r = attach(inside, root_fd, &plan->mounts[i], &inside->mount_fds[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}
