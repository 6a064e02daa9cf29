/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "container/register.h"
#include "image/new-tree.h"
#include "sys/idmap.h"
#include "sys/mountfd.h"
#include "sys/rootpath.h"
#include "sys/tree.h"

static int chown_tree(Container *container) {
        const IdPlan *ids = &container->plan->ids;
        int r;

        log_notice("Changing the owners of '%s' to ids from %u on, this takes a while",
                        container->plan->root, ids->root_id);
        register_await_bus(container);
        r = tree_shift_owners(container->root.tree_fd, ids->root_id);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to change the owners of '%s'", container->plan->root);

        if (r > 0)
                log_warning("%d files have links outside of '%s' and keep their owners", r,
                                container->plan->root);
        return 0;
}

static int open_owner_map(const IdPlan *ids, Arena *arena) {
        const IdMap map = plan_owner_map(ids, arena);
        int fd;

        fd = idmap_open_namespace(&map);
        if (fd < 0)
                return log_error_hint(fd,
                                fd == -ENOSPC ? "user.max_user_namespaces forbids more" : NULL,
                                "Failed to make a user namespace for the id map");

        return fd;
}

/* The payload's own user namespace, where the ids on disk are those inside. */
static int open_tree_map(Container *container) {
        const IdPlan *ids = &container->plan->ids;
        int fd;

        if (ids->disk_base != 0)
                return open_owner_map(ids, &container->arena);

        fd = idmap_open_namespace_of(container->payload.pid);
        if (fd < 0)
                return log_error_errno(fd, "Failed to open the payload's user namespace");

        return fd;
}

static int map_owners(Container *container) {
        const IdPlan *ids = &container->plan->ids;
        CLEANUP_CLOSE int userns_fd = -EBADF;
        int r;

        userns_fd = open_tree_map(container);
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

/* What is on disk with the owners that the payload is to see. */
static int set_owners(Container *container) {
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

/* The userns that maps the owners of LAYER; -EBADF if none does. */
static int open_layer_map(Container *container, const LayerPlan *layer, int *ret_fd) {
        IdPlan ids = container->plan->ids;

        *ret_fd = -EBADF;
        if (!layer->is_mapped)
                return 0;

        ids.disk_base = layer->disk_base;
        *ret_fd = open_owner_map(&ids, &container->arena);
        return *ret_fd < 0 ? *ret_fd : 0;
}

static int note_layers(Container *container) {
        const RootPlan *plan = &container->plan->layers;
        StringList paths = { 0 };

        for (size_t i = 0; i < plan->n_layers; i++)
                string_list_add(&container->arena, &paths, plan->layers[i].path);
        return upper_note_layers(&container->root.upper, &paths);
}

/* The layers of an overlay, from the lowest to the tree, whose owners what is written has too. */
static int prepare_layers(Container *container) {
        const RootPlan *plan = &container->plan->layers;
        Root *root = &container->root;
        int r = 0;

        if (plan->upper == UPPER_ONE_BOOT) {
                (void)upper_done(&root->upper); /* has nothing to remove */
                r = upper_make_in_memory(&root->upper, plan->memory_options);
                if (r >= 0)
                        r = note_layers(container);
        }
        for (size_t i = plan->n_layers; r >= 0 && i > 0; i--) {
                const LayerPlan *layer = &plan->layers[i - 1];
                int fd = i == 1 ? root->tree_fd : root->layers[i - 2].fd;
                CLEANUP_CLOSE int userns_fd = -EBADF;

                r = open_layer_map(container, layer, &userns_fd);
                if (r >= 0)
                        r = layers_add(&container->layers, fd, layer->path, userns_fd);
                if (r >= 0 && i == 1 && plan->upper != UPPER_NONE)
                        r = layers_set_upper(&container->layers, &root->upper, fd, userns_fd);
        }

        return r;
}

int assemble_prepare_root(Container *container) {
        return container->plan->layers.is_overlay ? prepare_layers(container)
                                                  : root_clone(&container->root);
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

static int set_attributes(const Plan *plan, int fd) {
        int r;

        /* Behind a boundary device nodes can only have come with the tree, and whoever packed it
         * chose which. /dev is a file system of its own. */
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

/* A clone of /usr of the attached tree ROOT_FD, read-only. */
static int open_usr(int root_fd) {
        CLEANUP_CLOSE int usr_fd = -EBADF, fd = -EBADF;
        int r;

        usr_fd = rootpath_open(root_fd, "/usr", O_PATH | O_DIRECTORY, 0);
        if (usr_fd < 0)
                return usr_fd;
        fd = mountfd_clone(usr_fd, "", /* recursive= */ true, MS_PRIVATE);
        if (fd < 0)
                return fd;
        r = mountfd_set_attributes(fd, /* recursive= */ true, MOUNT_ATTR_RDONLY, 0);

        return r < 0 ? r : TAKE_FD(fd);
}

/* Leaves only /usr of the attached root: a tmpfs covers it. */
static int keep_only_usr(Container *container, int target_fd) {
        const Plan *plan = container->plan;
        CLEANUP_CLOSE int usr_fd = -EBADF, fd = -EBADF, mount_point_fd = -EBADF;
        uint32_t id = plan->ids.root_id;
        int r;

        usr_fd = open_usr(container->root_fd);
        if (usr_fd < 0)
                return log_error_errno(usr_fd, "Failed to open /usr of '%s'", plan->root);

        fd = mountfd_new("tmpfs",
                        arena_printf(&container->arena, "%s,uid=%u,gid=%u",
                                        plan->layers.memory_options, id, id),
                        plan->ids.is_boundary ? MOUNT_ATTR_NODEV : 0, NULL);
        r = fd < 0 ? fd : mountfd_attach(fd, target_fd);
        if (r >= 0 && (mkdirat(fd, "usr", 0755) < 0 || fchownat(fd, "usr", id, id, 0) < 0))
                r = -errno;
        if (r >= 0)
                r = mount_point_fd = rootpath_open(fd, "/usr", O_PATH | O_DIRECTORY, 0);
        if (r >= 0)
                r = mountfd_attach(usr_fd, mount_point_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to put /usr of '%s' into memory", plan->root);

        fd_close(container->root_fd);
        container->root_fd = TAKE_FD(fd);
        return 0;
}

/* A clone of the whole, as it is to be seen from inside. */
static int open_old_root(const Container *container) {
        CLEANUP_CLOSE int fd = -EBADF;
        int r;

        fd = mountfd_clone(container->root_fd, "", /* recursive= */ true, MS_PRIVATE);
        if (fd < 0)
                return fd;
        r = container->plan->is_root_read_only ? mountfd_set_attributes(fd, /* recursive= */ true,
                                                                 MOUNT_ATTR_RDONLY, 0)
                                               : 0;

        return r < 0 ? r : TAKE_FD(fd);
}

/* A folder of the attached root takes its place. */
static int pivot(Container *container, int target_fd) {
        const Plan *plan = container->plan;
        CLEANUP_CLOSE int folder_fd = -EBADF, fd = -EBADF;
        int r = 0;

        folder_fd = rootpath_open(
                        container->root_fd, plan->layers.pivot_to, O_PATH | O_DIRECTORY, 0);
        if (folder_fd < 0)
                return log_error_errno(folder_fd, "Failed to open '%s' in tree '%s'",
                                plan->layers.pivot_to, plan->root);

        if (plan->layers.pivot_old_at)
                r = container->old_root_fd = open_old_root(container);
        if (r >= 0)
                r = fd = mountfd_clone(folder_fd, "", /* recursive= */ true, MS_PRIVATE);
        if (r >= 0)
                r = mountfd_attach(fd, target_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to make '%s' of tree '%s' the root",
                                plan->layers.pivot_to, plan->root);

        fd_close(container->root_fd);
        container->root_fd = TAKE_FD(fd);
        return 0;
}

int assemble_attach_old_root(Container *container) {
        const RootPlan *plan = &container->plan->layers;
        CLEANUP_CLOSE int target_fd = -EBADF;
        int r;

        if (!plan->pivot_old_at)
                return 0;

        r = target_fd = rootpath_make_target(
                        container->root_fd, plan->pivot_old_at, /* is_directory= */ true);
        if (r >= 0)
                r = mountfd_attach(container->old_root_fd, target_fd);
        container->old_root_fd = fd_close(container->old_root_fd);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to show the old root at '%s'", plan->pivot_old_at);

        return 0;
}

int assemble_open_root(Container *container) {
        const Plan *plan = container->plan;
        CLEANUP_CLOSE int target_fd = -EBADF;
        int r;

        /* The record's own folder serves as the mount point: in this namespace nobody else sees it.
         * It has to be opened here, since the record's descriptor is of the host's mount. */
        target_fd = open(arena_printf(&container->arena, "%s/%s", RECORD_FOLDER, plan->name),
                        O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (target_fd < 0)
                return log_error_errno(
                                -errno, "Failed to open the record of machine '%s'", plan->name);

        r = plan->layers.is_overlay ? mount_layers(container, target_fd) : set_owners(container);
        if (r >= 0)
                r = set_attributes(plan, container->root.mount_fd);
        if (r < 0)
                return r;

        r = mountfd_attach(container->root.mount_fd, target_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to attach tree '%s'", plan->root);
        container->root_fd = TAKE_FD(container->root.mount_fd);

        if (plan->layers.pivot_to)
                r = pivot(container, target_fd);
        if (r >= 0 && plan->layers.has_only_usr)
                r = keep_only_usr(container, target_fd);
        return r;
}

int assemble_make_upper(Container *container) {
        const RootPlan *plan = &container->plan->layers;
        Upper *upper = &container->root.upper;
        int r = 0;

        switch (plan->upper) {
        case UPPER_MEMORY:
                r = upper_make_in_memory(upper, plan->memory_options);
                break;
        case UPPER_BESIDE:
                r = plan->is_upper_left
                                    ? upper_take_over(upper, plan->upper_parent, plan->upper_name)
                                    : upper_make_on_disk(
                                                      upper, plan->upper_parent, plan->upper_name);
                break;
        case UPPER_FOLDER:
                r = upper_open_folder(upper, plan->upper_parent, plan->upper_name);
                break;
        case UPPER_ONE_BOOT: /* prepare_layers() does */
        case UPPER_NONE:
        case UPPER_MAX:
                return 0;
        }

        return r < 0 ? r : note_layers(container);
}

int assemble_make_tree(Container *container) {
        const Plan *plan = container->plan;
        NewTree tree = NEW_TREE_NONE;
        int r;

        r = new_tree_begin(plan->root, plan->layers.copy_name, &tree);
        if (r >= 0)
                r = new_tree_fill(&tree, container->root.tree_fd, plan->layers.copy_of);
        if (r >= 0)
                r = new_tree_finish(&tree);
        if (r >= 0) {
                fd_close(container->root.tree_fd);
                container->root.tree_fd = r;
        }
        new_tree_done(&tree);
        return r < 0 ? r : 0;
}
