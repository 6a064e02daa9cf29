/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/publish.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "container/assemble.h"
#include "container/export.h"
#include "container/inner-folders.h"
#include "container/register.h"
#include "plan/confinement.h"

static const char *propagate_path(Container *container) {
        return arena_printf(&container->arena, "%s/%s", PROPAGATE_FOLDER, container->plan->name);
}

static int tree_is_busy(Container *container, const char *path) {
        const char *user = record_find_by_root(&container->arena, path);

        if (user)
                log_error("Tree '%s' is in use by machine '%s'", path, user);
        else
                log_error("Tree '%s' is in use by another program (systemd-nspawn?)", path);
        return -EBUSY;
}

/* Layers are only read. */
static int lock_trees(Container *container) {
        const Plan *plan = container->plan;
        Root *root = &container->root;
        bool is_only_read = plan->is_root_read_only || plan->layers.is_overlay ||
                            plan->layers.has_only_usr;
        int r;

        r = tree_lock(root->tree_fd, plan->root, is_only_read, plan->has_global_locks, &root->lock);
        if (r == -EBUSY)
                return tree_is_busy(container, plan->root);

        for (size_t i = 0; r >= 0 && i < root->n_layers; i++) {
                const char *path = plan->layers.layers[1 + i].path;

                r = tree_lock(root->layers[i].fd, path, /* shared= */ true, plan->has_global_locks,
                                &root->layers[i].lock);
                if (r == -EBUSY)
                        return tree_is_busy(container, path);
        }

        return r;
}

static uint64_t realtime_us(void) {
        struct timespec now;

        if (clock_gettime(CLOCK_REALTIME, &now) < 0)
                return 0; /* cannot be */
        return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / NSEC_PER_USEC;
}

/* All trees that we read, besides the one that the machine is named by. */
static StringList other_trees(Container *container) {
        const RootPlan *plan = &container->plan->layers;
        StringList list = { 0 };

        if (plan->copy_of)
                string_list_add(&container->arena, &list, plan->copy_of);
        for (size_t i = 1; i < plan->n_layers; i++)
                string_list_add(&container->arena, &list, plan->layers[i].path);
        return list;
}

/* Where what the payload changes can be looked at, or NULL. */
static const char *changes_path(Container *container) {
        const RootPlan *plan = &container->plan->layers;

        if (plan->upper_name)
                return path_join(&container->arena, plan->upper_parent, plan->upper_name);
        if (container->root.upper.folder_fd < 0)
                return NULL;

        return arena_printf(&container->arena, "/proc/%d/fd/%d", (int)getpid(),
                        container->root.upper.folder_fd);
}

/* The folder that has to go once nothing runs in it, or NULL. */
static const char *upper_to_remove(Container *container) {
        const Plan *plan = container->plan;

        if (plan->layers.copy_of)
                return path_join(&container->arena, path_parent(&container->arena, plan->root),
                                plan->layers.copy_name);

        return plan->layers.upper == UPPER_BESIDE ? changes_path(container) : NULL;
}

/* The folders that have to go, for whoever cleans up behind us. */
static StringList folders_to_remove(Container *container) {
        const Plan *plan = container->plan;
        StringList list = { 0 };

        for (size_t i = 0; i < plan->n_folders; i++)
                if (!plan->folders[i].is_kept)
                        string_list_add(&container->arena, &list, plan->folders[i].path);
        return list;
}

int publish_record(Container *container) {
        static const char *const kinds[CGROUP_PLAN_MAX] = {
                [CGROUP_NONE] = "none",
                [CGROUP_SCOPE] = "scope",
                [CGROUP_UNIT] = "unit",
                [CGROUP_OWN] = "own",
        };
        const Plan *plan = container->plan;
        const CgroupState *cgroup = &container->cgroup;
        char uuid[37], identity[PROCESS_IDENTITY_SIZE] = "";
        RecordFields fields = {
                .name = plan->name,
                .root = plan->root,
                .others = other_trees(container),
                .service = plan->service,
                .uuid = uuid,
                .unit = plan->cgroup.unit,
                /* What may be killed as a whole: never the group that we are in ourselves. */
                .cgroup = cgroup->is_made || plan->cgroup.kind == CGROUP_SCOPE ? cgroup->top
                                                                               : cgroup->payload,
                .upper = upper_to_remove(container),
                .changes = changes_path(container),
                .cgroup_kind = kinds[plan->cgroup.kind],
                /* Nobody can ask the kernel what is in a filter that is installed. */
                .calls = confinement_calls(plan, &container->arena),
                .families = confinement_families(plan, &container->arena),
                .console = console_mode_names[plan->process.console],
                .leader = container->payload.pid,
                .manager = getpid(),
                .since_us = realtime_us(),
                .id_base = plan->ids.root_id,
                .id_count = plan->ids.has_namespace ? plan->ids.ranges[0].count : 0,
                .id_locks = id_locks_to_text(&container->id_locks, &container->arena),
                .folders = folders_to_remove(container),
                .inner_folders = inner_folders_list(plan, &container->arena),
                .pivot = plan->layers.pivot_to,
                .is_registered = container->is_registered,
                .kill_signal = (uint64_t)MAX_OF(plan->process.kill_signal, 0),
        };

        uuid_to_dashed(plan->uuid, uuid);
        /* With a group the next start ends whatever is in it, should we be killed. */
        if (!fields.cgroup && process_is_set(&container->payload) &&
                        process_identify(container->payload.pid, identity) >= 0)
                fields.leader_identity = identity;

        return record_write(&container->record, &fields);
}

/* The tree, if there is none yet: under the machine's name, so that nobody makes it as well, and
 * with the template locked, so that nobody changes it. */
static int make_tree(Container *container) {
        const Plan *plan = container->plan;
        TreeLock lock = TREE_LOCK_NONE;
        int r;

        if (!plan->layers.copy_of)
                return 0;

        r = tree_lock(container->root.tree_fd, plan->layers.copy_of, /* shared= */ true,
                        plan->has_global_locks, &lock);
        if (r == -EBUSY)
                return tree_is_busy(container, plan->layers.copy_of);
        if (r >= 0)
                r = publish_record(container);
        if (r >= 0) {
                register_await_bus(container);
                r = assemble_make_tree(container);
        }
        tree_lock_done(&lock);
        return r;
}

int publish_machine(Container *container) {
        static const char *const folders[] = { "/run/systemd", "/run/systemd/nspawn",
                PROPAGATE_FOLDER };
        int r;

        r = record_open(container->plan->name, container->plan->has_global_locks,
                        container->plan->layers.is_upper_left ? changes_path(container) : NULL,
                        &container->record);
        if (r < 0)
                return r;

        r = make_tree(container);
        if (r >= 0)
                r = lock_trees(container);
        if (r < 0)
                return r;

        id_locks_share(&container->id_locks, container->plan->ids.ranges,
                        container->plan->ids.n_ranges);

        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if (mkdir(folders[i], i < 2 ? 0755 : 0700) < 0 && errno != EEXIST)
                        return log_error_errno(-errno, "Failed to make '%s'", folders[i]);
        if (mkdir(propagate_path(container), 0700) < 0 && errno != EEXIST)
                return log_error_errno(-errno, "Failed to make '%s'", propagate_path(container));

        container->is_published = true;
        r = publish_record(container); /* so that others can tell who has name and tree */
        if (r >= 0)
                r = assemble_make_upper(container); /* which the record can name by now */
        if (r >= 0)
                r = sources_make_folders(container->plan, &container->sources); /* and these */
        return r < 0 ? r : export_open(container->plan);
}

/* Those in the tree, which others may have by now if it was never ours. */
static void remove_inner_folders(Container *container) {
        const Plan *plan = container->plan;
        const StringList folders = inner_folders_list(plan, &container->arena);

        if (container->is_published && !container->has_survivors)
                inner_folders_remove(container->root.tree_fd, plan->layers.pivot_to, &folders);
}

void publish_done(Container *container) {
        remove_inner_folders(container);
        if (container->is_published && container->plan->export_folder)
                export_remove(container->plan->name);
        /* The folder can hold what machinectl left while it was at work; then it stays. */
        if (container->is_published && rmdir(propagate_path(container)) < 0)
                log_debug_errno(-errno, "Failed to remove '%s'", propagate_path(container));
        container->is_published = false;
        /* What it has changed outlives a reboot. */
        if (container->is_reboot_left && container->plan->layers.upper == UPPER_BESIDE &&
                        upper_leave(&container->root.upper) >= 0)
                container->record.name[0] = '\0';
        if (container->has_survivors)
                container->root.upper.name[0] = '\0'; /* They may be at work in it. */
        if (upper_done(&container->root.upper) < 0 || container->has_survivors)
                container->record.name[0] = '\0';
        record_done(&container->record);
}
