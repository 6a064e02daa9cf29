/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Detached mounts of what comes from outside the tree, or lies on it. They take two steps, one on
 * each side of entering the manager's private mount namespace:
 *
 *   before   sources can be cloned only in the namespace that their mounts are in, the host's
 *   after    overlays take only layers that are part of a mount namespace (before Linux 6.15), and
 *            what is inside the tree can be reached only once that is assembled
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "container/assemble.h"
#include "container/sources.h"
#include "sys/idmap.h"
#include "sys/mountfd.h"
#include "sys/overlay.h"
#include "sys/rootpath.h"

static const char *hint_for_map(int r) {
        return mountfd_is_unmappable(r) ? "its file system cannot; 'noidmap' mounts it as it is"
                                        : NULL;
}

static int open_map(const IdMap *map, const char *path) {
        int fd = idmap_open_namespace(map);

        if (fd < 0)
                return log_error_hint(fd,
                                fd == -ENOSPC ? "user.max_user_namespaces forbids more" : NULL,
                                "Failed to make a user namespace for the id map of '%s'", path);
        return fd;
}

static void tell_unmapped(const char *path) {
        log_notice("The file system of '%s' cannot map ids, its files belong to nobody inside",
                        path);
}

int assemble_map_bind(int fd, const MountStep *step, const IdMap *map) {
        bool is_recursive = step->flags & MOUNT_IS_RECURSIVE;
        CLEANUP_CLOSE int userns_fd = -EBADF;
        int r;

        userns_fd = open_map(map, step->source);
        if (userns_fd < 0)
                return userns_fd;

        r = mountfd_set_idmap(fd, is_recursive, userns_fd);
        if (mountfd_is_unmappable(r) && is_recursive) {
                r = mountfd_set_idmap(fd, /* recursive= */ false, userns_fd);
                if (r >= 0)
                        log_warning("A file system below '%s' cannot map ids, its files belong to "
                                    "nobody inside",
                                        step->source);
        }
        if (mountfd_is_unmappable(r) && step->flags & MOUNT_MAP_IS_OPTIONAL) {
                tell_unmapped(step->source);
                return 0;
        }
        if (r < 0)
                return log_error_hint(r, hint_for_map(r), "Failed to map the owners of '%s'",
                                step->source);

        return 0;
}

/* What is set holds for submounts too; what is cleared only for the mount that was named. */
static int set_attributes(int fd, const MountStep *step) {
        uint64_t atime = step->attributes_gone & MOUNT_ATTR__ATIME;
        int r;

        r = mountfd_set_attributes(fd, /* recursive= */ true, step->attributes, atime);
        if (r >= 0 && step->attributes_gone != atime)
                r = mountfd_set_attributes(
                                fd, /* recursive= */ false, 0, step->attributes_gone & ~atime);
        if (r < 0)
                return log_error_errno(r, "Failed to set the attributes of the mount on '%s'",
                                step->target);

        return 0;
}

static int clone_source(const MountStep *step, int source_fd) {
        CLEANUP_CLOSE int fd = -EBADF;
        int r;

        fd = mountfd_clone(source_fd, "", step->flags & MOUNT_IS_RECURSIVE, MS_PRIVATE);
        if (fd < 0)
                return log_error_errno(fd, "Failed to open '%s' to mount it on '%s'", step->source,
                                step->target);

        r = set_attributes(fd, step);
        if (r >= 0 && step->map && !(step->flags & MOUNT_MAP_IS_TARGET))
                r = assemble_map_bind(fd, step, step->map);
        return r < 0 ? r : TAKE_FD(fd);
}

/* A layer whose file system cannot map ids goes in as it is: what can be mapped is a default. */
static int open_layer(const LayerStep *layer, int fd) {
        CLEANUP_CLOSE int userns_fd = -EBADF;
        int r;

        if (layer->map) {
                userns_fd = open_map(layer->map, layer->path);
                if (userns_fd < 0)
                        return userns_fd;
        }

        r = overlay_open_layer(fd, userns_fd, /* scratch_fd= */ -EBADF);
        if (mountfd_is_unmappable(r) && layer->map) {
                tell_unmapped(layer->path);
                r = overlay_open_layer(fd, /* userns_fd= */ -EBADF, /* scratch_fd= */ -EBADF);
        }
        if (r < 0)
                return log_error_errno(r, "Failed to open '%s' for an overlay", layer->path);

        return r;
}

/* Those that are on the host; the upper's comes last. */
static int open_layers(Container *container, const OverlayStep *overlay, OpenedMount *opened) {
        size_t n_layers = overlay->n_layers + 1;

        opened->layer_fds = arena_allocate(&container->arena, n_layers * sizeof(int));
        for (size_t i = 0; i < n_layers; i++)
                opened->layer_fds[i] = -EBADF;
        opened->n_layers = n_layers;

        for (size_t i = 0; i < n_layers; i++) {
                bool is_upper = i == overlay->n_layers;
                const LayerStep *layer = is_upper ? &overlay->upper : &overlay->layers[i];

                if (layer->is_inside || (is_upper && !overlay->upper_name))
                        continue;
                opened->layer_fds[i] =
                                open_layer(layer, container->sources.fds[layer->source_index]);
                if (opened->layer_fds[i] < 0)
                        return opened->layer_fds[i];
        }

        return 0;
}

int assemble_open_sources(Container *container) {
        const Plan *plan = container->plan;

        container->opened = arena_allocate(
                        &container->arena, plan->n_mounts * sizeof *container->opened);
        for (size_t i = 0; i < plan->n_mounts; i++)
                container->opened[i].fd = -EBADF;

        for (size_t i = 0; i < plan->n_mounts; i++) {
                const MountStep *step = &plan->mounts[i];
                int r = 0;

                if (step->kind == MOUNT_BIND_SOURCE)
                        r = container->opened[i].fd = clone_source(
                                        step, container->sources.fds[step->source_index]);
                else if (step->kind == MOUNT_OVERLAY)
                        r = open_layers(container, step->overlay, &container->opened[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

void assemble_close_sources(Container *container) {
        if (!container->opened)
                return;

        for (size_t i = 0; i < container->plan->n_mounts; i++) {
                OpenedMount *opened = &container->opened[i];

                fd_close(opened->fd);
                for (size_t j = 0; j < opened->n_layers; j++)
                        fd_close(opened->layer_fds[j]);
        }
        container->opened = NULL;
}

static int clone_inside(const Container *container, const MountStep *step) {
        CLEANUP_CLOSE int source_fd = -EBADF, fd = -EBADF;
        int r;

        source_fd = rootpath_open(container->root_fd, step->source, O_PATH, 0);
        if (source_fd < 0)
                return log_error_errno(source_fd, "Failed to open '%s' in '%s'", step->source,
                                container->plan->root);
        fd = mountfd_clone(source_fd, "", step->flags & MOUNT_IS_RECURSIVE, MS_PRIVATE);
        if (fd < 0)
                return log_error_errno(fd, "Failed to clone '%s' in '%s'", step->source,
                                container->plan->root);

        r = set_attributes(fd, step);
        return r < 0 ? r : TAKE_FD(fd);
}

static int open_inside(const Container *container, const LayerStep *layer) {
        int fd = rootpath_open(container->root_fd, layer->path, O_PATH | O_DIRECTORY, 0);

        if (fd < 0)
                return log_error_errno(fd, "Failed to open '%s' in '%s'", layer->path,
                                container->plan->root);
        return fd;
}

/* The folders of an upper that is inside the tree. A reboot finds those of the first boot. */
static int make_upper(int parent_fd, const OverlayStep *overlay) {
        if ((mkdirat(parent_fd, overlay->upper_name, 0755) < 0 && errno != EEXIST) ||
                        (mkdirat(parent_fd, overlay->work_name, 0700) < 0 && errno != EEXIST))
                return log_error_errno(-errno, "Failed to make '%s/%s' and its work folder",
                                overlay->upper.path, overlay->upper_name);

        return 0;
}

/* The layers that are inside the tree, by their path; and all of them into our mount namespace. The
 * folder of the records serves for that: from here on nothing looks at it in this namespace. */
static int complete_layers(const Container *container, const MountStep *step, OpenedMount *opened) {
        const OverlayStep *overlay = step->overlay;
        CLEANUP_CLOSE int scratch_fd = -EBADF;

        scratch_fd = open(RECORD_FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (scratch_fd < 0)
                return log_error_errno(-errno, "Failed to open '%s'", RECORD_FOLDER);

        for (size_t i = 0; i < opened->n_layers; i++) {
                bool is_upper = i == overlay->n_layers;
                const LayerStep *layer = is_upper ? &overlay->upper : &overlay->layers[i];
                CLEANUP_CLOSE int fd = -EBADF;
                int r;

                if (layer->is_inside) {
                        fd = open_inside(container, layer);
                        r = fd >= 0 && is_upper ? make_upper(fd, overlay) : fd;
                        if (r >= 0)
                                r = opened->layer_fds[i] = open_layer(layer, fd);
                        if (r < 0)
                                return r;
                }
                if (opened->layer_fds[i] < 0)
                        continue;
                r = mountfd_attach(opened->layer_fds[i], scratch_fd);
                if (r < 0)
                        return log_error_errno(
                                        r, "Failed to attach '%s' for an overlay", layer->path);
        }

        return 0;
}

static int open_folder(int parent_fd, const char *name) {
        int fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int make_overlay(const Container *container, const MountStep *step, OpenedMount *opened) {
        const OverlayStep *overlay = step->overlay;
        CLEANUP_CLOSE int upper_fd = -EBADF, work_fd = -EBADF;
        MountMessage message = { 0 };
        int r;

        r = complete_layers(container, step, opened);
        if (r < 0)
                return r;

        if (overlay->upper_name) {
                int top_fd = opened->layer_fds[overlay->n_layers];

                upper_fd = open_folder(top_fd, overlay->upper_name);
                work_fd = upper_fd < 0 ? upper_fd : open_folder(top_fd, overlay->work_name);
                if (work_fd < 0)
                        return log_error_errno(work_fd, "Failed to open '%s/%s' for an overlay",
                                        overlay->upper.path, overlay->upper_name);
        }

        const OverlayLayers layers = {
                .lower_fds = opened->layer_fds,
                .n_lowers = overlay->n_layers,
                .upper_fd = upper_fd,
                .work_fd = work_fd,
                .attributes = step->attributes,
        };
        r = overlay_new(&layers, &message);
        if (r < 0)
                return log_error_hint(r,
                                message.text[0] ? message.text
                                : r == -EROFS   ? "the file system of the upper folder cannot "
                                                  "keep what an overlay changes"
                                                : NULL,
                                "Failed to make the overlay for '%s'", step->target);
        return r;
}

int assemble_open_late(Container *container, size_t i) {
        const MountStep *step = &container->plan->mounts[i];

        switch (step->kind) {
        case MOUNT_BIND_SOURCE:
                return TAKE_FD(container->opened[i].fd);
        case MOUNT_BIND_INSIDE:
                return clone_inside(container, step);
        case MOUNT_OVERLAY:
                return make_overlay(container, step, &container->opened[i]);
        case MOUNT_TMPFS:
        case MOUNT_RAMFS:
        case MOUNT_BIND:
        case MOUNT_PROC:
        case MOUNT_SYSFS:
        case MOUNT_CGROUP2:
        case MOUNT_SELINUXFS:
        case MOUNT_MQUEUE:
        case MOUNT_DEVPTS:
        case MOUNT_INACCESSIBLE:
        case MOUNT_KIND_MAX:
                break;
        }

        return assemble_open_mount(step);
}
