/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Control groups, by who manages the hierarchy:
 *
 *   scope  machine-NAME.scope/payload    the service manager makes the scope, we the group below
 *   unit   UNIT/supervisor, UNIT/payload our own unit, split: the kernel wants processes in leaves
 *   own    boot-tree-NAME/payload        below the nearest group in which that can be
 *
 * The payload always gets a group one level below the one that limits are set on, so that it can
 * own its group and still not change its limits.
 */

#include "container/place.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "container/handshake.h"
#include "sys/cgroup.h"
#include "sys/device-filter.h"
#include "sys/idmap.h"

enum { KILL_TIMEOUT_MS = 3000 };

/* Makes TOP/payload, delegated to the payload's root. */
static int make_payload_group(Container *container) {
        CgroupState *cgroup = &container->cgroup;
        int r;

        cgroup->payload = path_join(&container->arena, cgroup->top, "payload");
        r = cgroup_make(cgroup->payload);
        if (r >= 0)
                r = cgroup_delegate(cgroup->payload, container->plan->ids.root_id);
        if (r < 0)
                return log_error_errno(r, "Failed to make control group '%s'", cgroup->payload);

        r = cgroup_enable_controllers(cgroup->top);
        if (r < 0)
                log_debug_errno(r, "Failed to hand all controllers on in '%s'", cgroup->top);
        return 0;
}

/* Tries to make our top group below PARENT. */
static int try_parent(Container *container, const char *parent) {
        char *top = path_join(&container->arena, parent,
                        arena_printf(&container->arena, "boot-tree-%s", container->plan->name));
        int r = cgroup_make_new(top);

        if (r < 0)
                return r;

        container->cgroup.top = top;
        container->cgroup.is_made = true;
        return 0;
}

/* Where we sit in a group with controllers of its own, our children can have them only once no
 * process is beside them: we move into a leaf. */
static int move_into_leaf(Container *container, const char *own) {
        char *leaf = path_join(&container->arena, own, "supervisor");
        int r;

        if (!cgroup_has_only(own, getpid()))
                return -EBUSY;

        r = cgroup_make(leaf);
        if (r >= 0)
                r = cgroup_attach(leaf, 0);
        if (r < 0)
                return r;

        container->cgroup.left = own;
        container->cgroup.leaf = leaf;
        return cgroup_enable_controllers(own);
}

/* Goes back to where we were found. On the way out of a unit that may fail, and need not work. */
static void leave_leaf(const CgroupState *cgroup) {
        int r;

        if (!cgroup->leaf)
                return;

        cgroup_disable_controllers(cgroup->left);
        r = cgroup_attach(cgroup->left, 0);
        if (r >= 0)
                r = cgroup_remove(cgroup->leaf);
        if (r < 0)
                log_debug_errno(r, "Failed to go back to control group '%s'", cgroup->left);
}

static int make_own(Container *container, const CgroupTree *tree) {
        int r;

        if (text_equal(tree->own, tree->mount)) {
                /* The root, the only group that may have processes beside its children; or the
                 * root of a control group namespace, which may not. */
                r = try_parent(container, tree->own);
                if (r >= 0 && access(path_join(&container->arena, tree->own, "cgroup.type"),
                                              F_OK) == 0)
                        (void)move_into_leaf(container, tree->own); /* without: fewer controllers */
        } else {
                /* A sibling has the same controllers as we have; a child may have none. */
                r = try_parent(container, path_parent(&container->arena, tree->own));
                if (r < 0)
                        r = try_parent(container, tree->own);
        }
        if (r < 0)
                return log_error_hint(r,
                                r == -EBUSY ? "one of this name has somebody else's processes"
                                            : NULL,
                                "Failed to make a control group for machine '%s' in '%s'",
                                container->plan->name, tree->mount);

        container->cgroup.is_entered_at_clone = true;
        return make_payload_group(container);
}

/* The unit's group: ours, or its parent if the service manager put us into "supervisor". */
static int split_unit(Container *container, const CgroupTree *tree) {
        const char *unit = tree->own;
        int r;

        if (text_ends_with(unit, "/supervisor"))
                unit = path_parent(&container->arena, unit);
        else {
                r = move_into_leaf(container, unit);
                if (r < 0)
                        return log_error_hint(r,
                                        r == -EBUSY ? "--keep-unit needs a unit of its own, like a "
                                                      "service with Delegate=yes"
                                                    : NULL,
                                        "Failed to split the control group '%s'", unit);
        }

        container->cgroup.top = unit;
        container->cgroup.is_entered_at_clone = true;
        return make_payload_group(container);
}

int place_prepare(Container *container) {
        CgroupTree tree;
        int r;

        if (container->plan->cgroup.kind != CGROUP_OWN &&
                        container->plan->cgroup.kind != CGROUP_UNIT)
                return 0;

        r = cgroup_find(&container->arena, &tree);
        if (r < 0)
                return log_error_errno(r, "Failed to find the control group hierarchy");

        return container->plan->cgroup.kind == CGROUP_UNIT ? split_unit(container, &tree)
                                                           : make_own(container, &tree);
}

int place_ids(Container *container) {
        const IdPlan *ids = &container->plan->ids;
        const IdMap map = id_map_both(ids->ranges, ids->n_ranges);
        int r;

        if (ids->has_namespace) {
                r = idmap_write(container->payload.pid, &map);
                if (r < 0)
                        return log_error_errno(r, "Failed to write the id maps");
        }

        return handshake_tell(container->handshake_fd, HANDSHAKE_MAPPED, 0, -EBADF);
}

int place_into_scope(Container *container, const char *scope_group) {
        int r;

        container->cgroup.top = arena_copy(&container->arena, scope_group);
        container->cgroup.payload = path_join(&container->arena, scope_group, "payload");
        r = cgroup_make(container->cgroup.payload);
        if (r >= 0)
                r = cgroup_attach(container->cgroup.payload, container->payload.pid);
        if (r >= 0)
                r = cgroup_delegate(container->cgroup.payload, container->plan->ids.root_id);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to make control group '%s'", container->cgroup.payload);

        r = cgroup_enable_controllers(scope_group); /* now that no process sits in it */
        if (r < 0)
                log_debug_errno(r, "Failed to hand all controllers on in '%s'", scope_group);
        return 0;
}

static int filter_devices(const char *group, const DevicePlan *devices) {
        CLEANUP_CLOSE int filter_fd = device_filter_load(devices->rules, devices->n_rules);

        return filter_fd < 0 ? filter_fd : device_filter_attach(group, filter_fd);
}

int place_device_filter(const Container *container) {
        const CgroupState *cgroup = &container->cgroup;
        const DevicePlan *devices = &container->plan->devices;
        const char *name = container->plan->name;
        int r;

        if (devices->filter == DEVICE_FILTER_NONE)
                return 0;

        /* Above the group that the payload owns. A unit is ours as well, and we need other devices:
         * there it is the payload's own, which only root without a user namespace could open up. */
        r = filter_devices(
                        container->plan->cgroup.kind == CGROUP_UNIT ? cgroup->payload : cgroup->top,
                        devices);
        if (r >= 0)
                return 0;

        switch (devices->filter) {
        case DEVICE_FILTER_REQUIRED:
                return log_error_hint(r, "--device= with less than all access needs bpf(2)",
                                "Failed to confine the devices of machine '%s'", name);
        case DEVICE_FILTER_ONLY:
                log_notice("This system has no filter for device nodes (%s): root in machine '%s' "
                           "can make and open those of the host",
                                strerror(-r), name);
                return 0;
        case DEVICE_FILTER_EXTRA:
                log_debug_errno(r, "Failed to attach a device filter to machine '%s'", name);
                return 0;
        case DEVICE_FILTER_NONE:
        case DEVICE_FILTER_MAX:
                break;
        }

        return r;
}

void place_done(Container *container) {
        CgroupState *cgroup = &container->cgroup;
        int r;

        if (cgroup->payload) {
                r = cgroup_kill(cgroup->payload, KILL_TIMEOUT_MS);
                if (r >= 0)
                        r = cgroup_remove(cgroup->payload);
                if (r < 0) {
                        log_warning_errno(r, "Failed to remove control group '%s', ignoring",
                                        cgroup->payload);
                        container->has_survivors = true;
                }
        }
        if (cgroup->is_made) {
                r = cgroup_remove(cgroup->top);
                if (r < 0)
                        log_warning_errno(r, "Failed to remove control group '%s', ignoring",
                                        cgroup->top);
        }

        leave_leaf(cgroup);
        *cgroup = (CgroupState){ 0 };
}
