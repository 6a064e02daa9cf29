/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/mount.h>

#include "base/address-family.h"
#include "base/calls.h"
#include "base/text.h"
#include "plan/call-filter.h"
#include "plan/confinement.h"

enum { CALLS_SHOWN_MAX = 16 };

static void see_mount(const MountStep *step, Arena *arena, Confinement *confinement) {
        bool is_read_only = (step->attributes | step->late_attributes) & MOUNT_ATTR_RDONLY;
        const char *source = step->source;

        switch (step->kind) {
        case MOUNT_BIND:
        case MOUNT_BIND_SOURCE:
        case MOUNT_OVERLAY:
                if (step->kind == MOUNT_OVERLAY)
                        source = step->overlay->upper.path;
                confinement_add_mount(arena, confinement,
                                &(ConfinementMount){
                                                .path = step->target,
                                                .source = source ?: "overlay",
                                                .is_writable = !is_read_only && source,
                                });
                return;
        case MOUNT_INACCESSIBLE:
                string_list_add(arena, &confinement->masked, step->target);
                return;
        case MOUNT_BIND_INSIDE:
                if (text_after(source, "/run/host/inaccessible/"))
                        string_list_add(arena, &confinement->masked, step->target);
                else if (text_equal(source, step->target) && is_read_only)
                        string_list_add(arena, &confinement->read_only, step->target);
                return;
        case MOUNT_TMPFS:
        case MOUNT_RAMFS:
        case MOUNT_PROC:
        case MOUNT_SYSFS:
        case MOUNT_CGROUP2:
        case MOUNT_SELINUXFS:
        case MOUNT_MQUEUE:
        case MOUNT_DEVPTS:
        case MOUNT_KIND_MAX:
                return;
        }
}

static void see_devices(const DevicePlan *plan, Arena *arena, Confinement *confinement) {
        confinement->has_device_filter =
                        plan->filter == DEVICE_FILTER_NONE ? TRISTATE_NO : TRISTATE_YES;
        for (size_t i = 0; i < plan->n_rules; i++)
                if (!confinement_is_usual_device(&plan->rules[i]))
                        string_list_add(arena, &confinement->devices,
                                        device_rule_to_text(arena, &plan->rules[i]));
}

/* What is allowed that would not be allowed to a machine with these capabilities. */
const char *confinement_calls(const Plan *plan, Arena *arena) {
        const CallFilter *filter = &plan->privileges.call_filter;
        size_t n = filter->is_on ? calls_count() : 0, n_allowed = 0;
        const char *text = "it allows";

        if (filter->is_on && filter->otherwise == VERDICT_ALLOW)
                return "all calls are allowed but for a few";

        for (size_t i = 0; i < n; i++) {
                if (filter->verdicts[i] != VERDICT_ALLOW ||
                                plan_call_verdict(call_at(i), plan->privileges.capabilities) ==
                                                VERDICT_ALLOW)
                        continue;
                if (n_allowed++ < CALLS_SHOWN_MAX)
                        text = arena_printf(arena, "%s %s", text, call_at(i)->name);
        }

        if (n_allowed > CALLS_SHOWN_MAX)
                text = arena_printf(arena, "%s and %zu more", text, n_allowed - CALLS_SHOWN_MAX);
        return n_allowed > 0 ? text : NULL;
}

const char *confinement_families(const Plan *plan, Arena *arena) {
        const CallFilter *filter = &plan->privileges.call_filter;
        bool are_most = filter->families & FAMILY_BIT(63); /* and those that have no name */
        StringList list = family_list(
                        arena, are_most ? ~filter->families : filter->families & ~FAMILIES_DEFAULT);
        const char *text = are_most && list.n_items > 0 ? "all but" : are_most ? "all" : NULL;

        if (!filter->is_on)
                return NULL;

        for (size_t i = 0; i < list.n_items; i++)
                text = text ? arena_printf(arena, "%s %s", text, list.items[i]) : list.items[i];
        return text;
}

/* The last assignment of NAME counts, and an empty one is none. */
static const char *find_property(const CgroupPlan *cgroup, const char *name) {
        const char *found = NULL;

        for (size_t i = 0; cgroup->properties && i < cgroup->properties->n_items; i++) {
                const char *rest = text_after(cgroup->properties->items[i], name);

                if (rest && rest[0] == '=')
                        found = rest + 1;
        }

        return text_is_empty(found) || text_equal(found, "infinity") ? NULL : found;
}

Confinement confinement_of_plan(const Plan *plan, Arena *arena) {
        const PrivilegePlan *privileges = &plan->privileges;
        Confinement confinement = {
                .name = plan->name,
                .has_own = {
                        [SPACE_USER] = plan->ids.has_namespace,
                        [SPACE_MOUNT] = true,
                        [SPACE_PID] = plan->has_pid_namespace,
                        [SPACE_UTS] = plan->has_uts_namespace,
                        [SPACE_IPC] = plan->has_ipc_namespace,
                        [SPACE_NETWORK] = plan->has_private_network,
                        [SPACE_CGROUP] = plan->has_cgroup_namespace,
                        [SPACE_TIME] = plan->time.is_own,
                },
                .ranges = plan->ids.has_namespace ? plan->ids.ranges : NULL,
                .n_ranges = plan->ids.has_namespace ? plan->ids.n_ranges : 0,
                .capabilities = privileges->capabilities,
                .no_new_privileges = privileges->no_new_privileges,
                .is_call_filtered = privileges->call_filter.is_on,
                .calls = confinement_calls(plan, arena),
                .families = confinement_families(plan, arena),
                .opens_any_by_i386 = privileges->call_filter.is_on &&
                                     privileges->call_filter.trusts_socketcall &&
                                     privileges->call_filter.families != FAMILIES_ANY,
                .label = privileges->selinux_context ?: privileges->apparmor_profile,
                .is_root_read_only = plan->is_root_read_only,
                .is_kernel_writable = plan->api_vfs == API_VFS_WRITABLE,
                .has_cgroup = plan->cgroup.kind != CGROUP_NONE,
                .memory_max = find_property(&plan->cgroup, "MemoryMax"),
                .processes_max = find_property(&plan->cgroup, "TasksMax"),
                .cpu_max = find_property(&plan->cgroup, "CPUQuota"),
        };

        for (size_t i = 0; i < plan->n_mounts; i++)
                see_mount(&plan->mounts[i], arena, &confinement);
        see_devices(&plan->devices, arena, &confinement);
        for (unsigned i = 0; i < LIMIT_MAX; i++)
                confinement.limits[i] = privileges->limits[i].limit;

        return confinement;
}
