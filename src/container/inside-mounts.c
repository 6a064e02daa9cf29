/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "container/assemble.h"
#include "container/inside.h"
#include "sys/kernel.h"
#include "sys/mountfd.h"
#include "sys/rootpath.h"

/* What the manager put there covers files of /proc and /sys. */
#define HOST_FOLDER "/run/host"

static int forgive(const MountStep *step, int r) {
        return r < 0 && assemble_failure_level(step, r) == LOG_ERROR ? r : 0;
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

/* Where PATH, of row I, is looked up, and how it goes on there; see assemble_lies_on(). Of the
 * manager's mounts we only know names here, and need what it has put into one of them. */
static int find_base(const Inside *inside, size_t i, const char *path, const char **ret_rest) {
        const MountStep *steps = inside->plan->mounts;
        int base_fd = inside->root_fd;
        size_t length = 0;

        if (inside->host_fd >= 0 && !text_equal(path, HOST_FOLDER) &&
                        path_is_below(path, HOST_FOLDER)) {
                base_fd = inside->host_fd;
                length = strlen(HOST_FOLDER);
        }
        for (size_t j = 0; j < i; j++)
                if (inside->mount_fds[j] >= 0 && assemble_lies_on(path, &steps[j], &length))
                        base_fd = inside->mount_fds[j];

        *ret_rest = path + length;
        return base_fd;
}

static int open_path(const Inside *inside, size_t i, const char *path) {
        const char *rest;
        int base_fd = find_base(inside, i, path, &rest);

        return rootpath_open(base_fd, rest, O_PATH | no_follow(&inside->plan->mounts[i]), 0);
}

/* What covers something else is there, unless somebody moved it: that is not forgiven, or the row
 * would be void without a word. */
static int source_error(const MountStep *step, int r) {
        return r == -ENOENT && path_is_below(step->source, HOST_FOLDER) ? -ESTALE : r;
}

static int open_inside(const Inside *inside, size_t i) {
        const MountStep *step = &inside->plan->mounts[i];
        CLEANUP_CLOSE int source_fd = -EBADF, fd = -EBADF;
        int r;

        source_fd = open_path(inside, i, step->source);
        if (source_fd < 0) {
                r = source_error(step, source_fd);
                return log_full(assemble_failure_level(step, r), r, NULL, "Failed to open '%s'",
                                step->source);
        }
        fd = mountfd_clone(source_fd, "", /* recursive= */ false, MS_PRIVATE);
        /* A clone starts with its source's attributes: what the row does not say has to go. */
        r = fd < 0 ? fd
                   : mountfd_set_attributes(fd, /* recursive= */ false, step->attributes,
                                     MOUNT_ATTR_RDONLY & ~step->attributes);
        if (r < 0)
                return log_full(assemble_failure_level(step, r), r, NULL, "Failed to clone '%s'",
                                step->source);

        return TAKE_FD(fd);
}

/* Keeps a reader of /proc/kmsg from waiting for a writer that never comes. */
static void hold_kmsg(Inside *inside, size_t i) {
        const char *rest;
        int base_fd = find_base(inside, i, inside->plan->mounts[i].source, &rest);

        inside->kmsg_fd = rootpath_open(base_fd, rest, O_RDWR | O_NONBLOCK, 0);
}

static int hide(const Inside *inside, size_t i) {
        const MountStep *step = &inside->plan->mounts[i];
        CLEANUP_CLOSE int target_fd = open_path(inside, i, step->target);
        const char *covers;
        int base_fd = find_base(inside, i, INACCESSIBLE_FOLDER, &covers);

        return assemble_hide(base_fd, covers, target_fd, step);
}

static int open_target(const Inside *inside, size_t i) {
        const MountStep *step = &inside->plan->mounts[i];
        const char *rest;
        int base_fd;

        /* Below /proc and /sys nothing can be made: a target is there or the row is void. */
        if (step->kind == MOUNT_BIND_INSIDE && step->made_by == MADE_BY_PAYLOAD)
                return open_path(inside, i, step->target);

        base_fd = find_base(inside, i, step->target, &rest);
        return rootpath_make_target(base_fd, rest, io_is_directory(inside->mount_fds[i]));
}

/* What is attached stays open: others are attached on it. */
static int attach(Inside *inside, size_t i) {
        const MountStep *step = &inside->plan->mounts[i];
        CLEANUP_CLOSE int target_fd = -EBADF;
        int fd, r;

        if (step->kind == MOUNT_INACCESSIBLE)
                return hide(inside, i);

        fd = inside->mount_fds[i];
        if (fd < 0)
                fd = step->kind == MOUNT_BIND_INSIDE ? open_inside(inside, i)
                                                     : assemble_open_mount(step);
        if (fd < 0)
                return forgive(step, fd);

        inside->mount_fds[i] = fd;
        target_fd = open_target(inside, i);
        r = target_fd < 0 ? target_fd : mountfd_attach(fd, target_fd);
        if (r < 0) {
                inside->mount_fds[i] = fd_close(fd);
                return forgive(step, log_full(assemble_failure_level(step, r), r, NULL,
                                                     "Failed to mount on '%s'", step->target));
        }

        if (text_equal(step->target, "/proc/kmsg"))
                hold_kmsg(inside, i);
        return 0;
}

int inside_attach_mounts(Inside *inside) {
        const Plan *plan = inside->plan;

        inside->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        inside->host_fd = rootpath_open(inside->root_fd, HOST_FOLDER, O_PATH | O_DIRECTORY, 0);

        for (size_t i = 0; i < plan->n_mounts; i++) {
                int r;

                if (!is_ours(&plan->mounts[i]) || plan->mounts[i].kind == MOUNT_CGROUP2)
                        continue;
                r = attach(inside, i);
                if (r < 0)
                        return r;
        }

        return 0;
}

int inside_attach_cgroup(Inside *inside) {
        const Plan *plan = inside->plan;

        if (plan->has_cgroup_namespace && plan->cgroup.kind == CGROUP_SCOPE &&
                        unshare(CLONE_NEWCGROUP) < 0)
                return log_error_errno(-errno, "Failed to make a control group namespace");

        for (size_t i = 0; i < plan->n_mounts; i++) {
                int r;

                if (plan->mounts[i].kind != MOUNT_CGROUP2)
                        continue;
                r = attach(inside, i);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < plan->n_mounts; i++)
                inside->mount_fds[i] = fd_close(inside->mount_fds[i]);
        inside->host_fd = fd_close(inside->host_fd);
        inside->root_fd = fd_close(inside->root_fd);
        return 0;
}
