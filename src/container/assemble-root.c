/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/assemble.h"

#include <errno.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "sys/idmap.h"
#include "sys/mountfd.h"
#include "sys/tree.h"

static int chown_tree(const Container *container) {
        const IdPlan *ids = &container->plan->ids;
        int r;

        log_notice("Changing the owners of '%s' to ids from %u on, this takes a while",
                        container->plan->root, ids->root_id);
        r = tree_shift_owners(container->root.tree_fd, ids->root_id);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to change the owners of '%s'", container->plan->root);

        if (r > 0)
                log_warning("%d files have links outside of '%s' and keep their owners", r,
                                container->plan->root);
        return 0;
}

static int open_owner_map(Container *container) {
        const IdMap map = plan_owner_map(&container->plan->ids, &container->arena);
        int fd;

        fd = idmap_open_namespace(&map);
        if (fd < 0)
                return log_error_hint(fd,
                                fd == -ENOSPC ? "user.max_user_namespaces forbids more" : NULL,
                                "Failed to make a user namespace for the id map");

        return fd;
}

static int map_owners(Container *container) {
        const IdPlan *ids = &container->plan->ids;
        CLEANUP_CLOSE int userns_fd = -EBADF;
        int r;

        userns_fd = open_owner_map(container);
        if (userns_fd < 0)
                return userns_fd;

        r = mountfd_set_idmap(container->root.mount_fd, /* recursive= */ true, userns_fd);
        if (mountfd_is_unmappable(r)) {
                /* A file system mounted below the tree may be the one that cannot. */
                r = mountfd_set_idmap(container->root.mount_fd, /* recursive= */ false, userns_fd);
                if (r >= 0)
                        log_warning("A file system below '%s' cannot map ids, its files belong to "
                                    "nobody inside",
                                        container->plan->root);
        }
        if (mountfd_is_unmappable(r) && ids->owners == OWNERS_MAPPED_OR_CHOWN)
                return chown_tree(container);
        if (r < 0)
                return log_error_hint(r,
                                mountfd_is_unmappable(r)
                                                ? "its file system cannot; "
                                                  "--private-users-ownership=chown changes them on disk"
                                                : NULL,
                                "Failed to map the owners of '%s'", container->plan->root);

        return 0;
}

/* The tree itself. */
static int prepare_tree(Container *container) {
        int r;

        r = root_clone(&container->root);
        if (r < 0)
                return r;

        switch (container->plan->ids.owners) {
        case OWNERS_MAPPED:
        case OWNERS_MAPPED_OR_CHOWN:
                return map_owners(container);
        case OWNERS_CHOWN:
                return chown_tree(container);
        case OWNERS_AS_THEY_ARE:
        case OWNERS_MAX:
                break;
        }

        return 0;
}

/* The layers of an overlay. */
static int prepare_layers(Container *container) {
        const Plan *plan = container->plan;
        Root *root = &container->root;
        CLEANUP_CLOSE int userns_fd = -EBADF;
        int r;

        if (plan->ids.owners != OWNERS_AS_THEY_ARE) {
                userns_fd = open_owner_map(container);
                if (userns_fd < 0)
                        return userns_fd;
        }

        r = layers_add(&container->layers, root->tree_fd, plan->root, userns_fd);
        if (r < 0 || plan->layers.upper == UPPER_NONE)
                return r;

        return layers_set_upper(&container->layers, &root->upper, root->tree_fd, userns_fd);
}

int assemble_prepare_root(Container *container) {
        return container->plan->layers.is_overlay ? prepare_layers(container)
                                                  : prepare_tree(container);
}

static int mount_layers(Container *container, int target_fd) {
        const Plan *plan = container->plan;
        int fd;

        fd = layers_mount(&container->layers, &(LayersMount){
                                                              .target_fd = target_fd,
                                                              .path = plan->root,
                                                              .options = plan->layers.options,
                                                              .act_as_id = plan->ids.root_id,
                                              });
        layers_done(&container->layers);
        if (fd < 0)
                return fd;

        container->root.mount_fd = fd;
        return 0;
}

int assemble_finish_root(Container *container, int target_fd) {
        const Plan *plan = container->plan;
        int r = 0, fd;

        if (plan->layers.is_overlay)
                r = mount_layers(container, target_fd);
        if (r < 0)
                return r;

        /* Behind a boundary device nodes can only have come with the tree, and whoever packed it
         * chose which. /dev is a file system of its own. */
        fd = container->root.mount_fd;
        if (plan->ids.is_boundary) {
                r = mountfd_set_attributes(fd, /* recursive= */ true, MOUNT_ATTR_NODEV, 0);
                if (r < 0)
                        return log_error_errno(
                                        r, "Failed to close the device nodes of '%s'", plan->root);
        }

        /* Submounts now, the top in seal(): mount points may have to be made in it first. */
        if (plan->is_root_read_only) {
                r = mountfd_set_attributes(fd, /* recursive= */ true, MOUNT_ATTR_RDONLY, 0);
                if (r >= 0)
                        r = mountfd_set_attributes(
                                        fd, /* recursive= */ false, 0, MOUNT_ATTR_RDONLY);
                if (r < 0)
                        return log_error_errno(r, "Failed to make '%s' read-only", plan->root);
        }

        return 0;
}

int assemble_make_upper(Container *container) {
        const RootPlan *layers = &container->plan->layers;
        Upper *upper = &container->root.upper;

        switch (layers->upper) {
        case UPPER_MEMORY:
                return upper_make_in_memory(upper, layers->memory_options);
        case UPPER_BESIDE:
                return upper_make_on_disk(upper, layers->upper_parent, layers->upper_name);
        case UPPER_NONE:
        case UPPER_MAX:
                break;
        }

        return 0;
}
