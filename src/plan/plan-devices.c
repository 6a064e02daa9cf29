/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Device nodes: those in /dev, the rules of the filter, and what the service manager is told.
 */

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/macro.h"
#include "plan/build.h"

/* A node that the payload gets. */
typedef struct {
        const char *path; /* below /dev */
        mode_t mode;      /* with the type */
        unsigned major, minor;
} Device;

/* What every system expects; the kernel's documentation calls them the "memory" devices. */
static const Device basic_devices[] = {
        { "null", S_IFCHR | 0666, 1, 3 },
        { "zero", S_IFCHR | 0666, 1, 5 },
        { "full", S_IFCHR | 0666, 1, 7 },
        { "random", S_IFCHR | 0666, 1, 8 },
        { "urandom", S_IFCHR | 0666, 1, 9 },
        { "tty", S_IFCHR | 0666, 5, 0 },
};

/* Those that keep to themselves what is done with them. */
static const Device fuse = { "fuse", S_IFCHR | 0666, 10, 229 };
static const Device tun = { "net/tun", S_IFCHR | 0666, 10, 200 };

/* Allowed without a node of ours: pseudo terminals, whose file system makes them, and number 0,
 * which has no driver and which service managers make to hide others behind. */
static const DeviceRule bare_rules[] = {
        { S_IFCHR, 5, 2, DEVICE_ALL },
        { S_IFCHR, 136, DEVICE_ANY_MINOR, DEVICE_READ | DEVICE_WRITE },
        { S_IFCHR, 0, 0, DEVICE_ALL },
        { S_IFBLK, 0, 0, DEVICE_ALL },
};

void plan_allow_device(Plan *plan, const DeviceRule *rule) {
        DevicePlan *devices = &plan->devices;

        for (size_t i = 0; i < devices->n_rules; i++) {
                DeviceRule *other = &devices->rules[i];

                if (other->type == rule->type && other->major == rule->major &&
                                other->minor == rule->minor) {
                        other->access |= rule->access;
                        return;
                }
        }

        devices->rules = arena_grow(&plan->arena, devices->rules, devices->n_rules,
                        &devices->n_allocated, sizeof *rule);
        devices->rules[devices->n_rules++] = *rule;
}

static void add_node(Plan *plan, const Device *device) {
        plan_add_file(plan,
                        &(FileStep){
                                        .kind = FILE_NODE,
                                        .path = arena_printf(&plan->arena, "/dev/%s", device->path),
                                        .mode = device->mode,
                                        .device = makedev(device->major, device->minor),
                        });
        plan_allow_device(plan, &(DeviceRule){ device->mode & S_IFMT, device->major, device->minor,
                                                DEVICE_ALL });
}

static void add_number_link(Plan *plan, const Device *device) {
        const char *folder = S_ISBLK(device->mode) ? "block" : "char";

        plan_add_file(plan, &(FileStep){
                                            .kind = FILE_LINK,
                                            .path = arena_printf(&plan->arena, "/dev/%s/%u:%u",
                                                            folder, device->major, device->minor),
                                            .content = arena_printf(
                                                            &plan->arena, "../%s", device->path),
                            });
}

/* The rules from FIRST on are not in the manager's policy "closed". */
static void tell_scope(const PlanBuild *build, size_t first) {
        const DevicePlan *devices = &build->plan->devices;
        Arena *arena = &build->plan->arena;
        StringList list = { 0 };
        char access[4];

        if (build->plan->cgroup.kind != CGROUP_SCOPE)
                return;

        string_list_add(arena, &list, "char-pts rw");
        if (build->facts->has_dev_tun)
                string_list_add(arena, &list, "/dev/net/tun rwm");
        if (build->facts->has_dev_fuse)
                string_list_add(arena, &list, "/dev/fuse rwm");
        for (size_t i = first; i < devices->n_rules; i++) {
                const DeviceRule *rule = &devices->rules[i];

                /* By number: the node may have any name. */
                string_list_add(arena, &list,
                                arena_printf(arena, "/dev/%s/%u:%u %s",
                                                S_ISBLK(rule->type) ? "block" : "char", rule->major,
                                                rule->minor,
                                                device_access_to_text(rule->access, access)));
        }
        build->plan->cgroup.devices = list.items;
}

static DeviceFilter choose_filter(const PlanBuild *build) {
        const Plan *plan = build->plan;

        /* In a user namespace, this one or one around us, nobody makes nodes; and those of the tree
         * open for nobody behind a boundary. */
        bool is_guarded = plan->ids.is_boundary || build->facts->is_in_user_namespace;
        bool tells = !is_guarded && !build->config->as_nspawn; /* as with the boundary itself */

        if (plan->cgroup.kind != CGROUP_NONE)
                return tells ? DEVICE_FILTER_ONLY : DEVICE_FILTER_EXTRA;

        if (tells)
                plan_notice(build,
                                "Without a control group root in '%s' can make and open device "
                                "nodes of the host",
                                plan->name);
        return DEVICE_FILTER_NONE;
}

/* Folder by folder: whoever carries it out opens each once. */
int plan_build_devices(const PlanBuild *build) {
        const Device *all[ELEMENTSOF(basic_devices) + 2];
        size_t n = 0, n_own;

        for (size_t i = 0; i < ELEMENTSOF(basic_devices); i++)
                all[n++] = &basic_devices[i];
        if (build->facts->has_dev_fuse)
                all[n++] = &fuse;
        if (build->facts->has_dev_tun)
                all[n++] = &tun;

        for (size_t i = 0; i < n; i++)
                add_number_link(build->plan, all[i]);
        for (size_t i = 0; i < n; i++)
                add_node(build->plan, all[i]);
        for (size_t i = 0; i < ELEMENTSOF(bare_rules); i++)
                plan_allow_device(build->plan, &bare_rules[i]);

        n_own = build->plan->devices.n_rules;
        plan_allow_bound_devices(build);

        build->plan->devices.filter = choose_filter(build);
        tell_scope(build, n_own);
        return 0;
}
