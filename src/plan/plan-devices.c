/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Device nodes: those in /dev, the rules of the filter, and what the service manager is told.
 */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/macro.h"
#include "base/path.h"
#include "base/text.h"
#include "plan/build.h"

/* A node that the payload gets. */
typedef struct {
        const char *path; /* below /dev */
        mode_t mode;      /* with the type */
        unsigned major, minor;
        const char *source; /* where the host has it; NULL: at the same path */
} Device;

typedef struct {
        Device *items;
        size_t n_items, n_allocated;
} DeviceList;

/* What every system expects; the kernel's documentation calls them the "memory" devices. */
static const Device basic_devices[] = {
        { "null", S_IFCHR | 0666, 1, 3, NULL },
        { "zero", S_IFCHR | 0666, 1, 5, NULL },
        { "full", S_IFCHR | 0666, 1, 7, NULL },
        { "random", S_IFCHR | 0666, 1, 8, NULL },
        { "urandom", S_IFCHR | 0666, 1, 9, NULL },
        { "tty", S_IFCHR | 0666, 5, 0, NULL },
};

/* Those that keep to themselves what is done with them. */
static const Device fuse = { "fuse", S_IFCHR | 0666, 10, 229, NULL };
static const Device tun = { "net/tun", S_IFCHR | 0666, 10, 200, NULL };

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

static bool has_rule(const DevicePlan *devices, const Device *device) {
        for (size_t i = 0; i < devices->n_rules; i++)
                if (devices->rules[i].type == (device->mode & S_IFMT) &&
                                devices->rules[i].major == device->major &&
                                devices->rules[i].minor == device->minor)
                        return true;

        return false;
}

static void add_node(Plan *plan, const Device *device) {
        plan_add_file(plan,
                        &(FileStep){
                                        .kind = FILE_NODE,
                                        .path = arena_printf(&plan->arena, "/dev/%s", device->path),
                                        .content = device->source,
                                        .mode = device->mode,
                                        .device = makedev(device->major, device->minor),
                        });
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

static bool is_same_device(const Device *a, const Device *b) {
        return (a->mode & S_IFMT) == (b->mode & S_IFMT) && a->major == b->major &&
               a->minor == b->minor;
}

/* Two names for a device are fine, two devices of a name are not. */
static int add_device(const PlanBuild *build, DeviceList *list, const Device *device) {
        for (size_t i = 0; i < list->n_items; i++) {
                if (!text_equal(list->items[i].path, device->path))
                        continue;
                if (!is_same_device(&list->items[i], device))
                        return plan_fail(build, -EEXIST, "There are two devices for '/dev/%s'",
                                        device->path);
                return 0;
        }

        list->items = arena_grow(&build->plan->arena, list->items, list->n_items,
                        &list->n_allocated, sizeof *device);
        list->items[list->n_items++] = *device;
        return 0;
}

/* The first of several names of a device is behind its number. */
static void add_number_links(const PlanBuild *build, const DeviceList *list) {
        for (size_t i = 0; i < list->n_items; i++) {
                size_t first = 0;

                while (!is_same_device(&list->items[first], &list->items[i]))
                        first++;
                if (first == i)
                        add_number_link(build->plan, &list->items[i]);
        }
}

static void add_own_devices(const PlanBuild *build, DeviceList *list) {
        for (size_t i = 0; i < ELEMENTSOF(basic_devices); i++)
                (void)add_device(build, list, &basic_devices[i]); /* the first ones: no clash */
        if (build->facts->has_dev_fuse)
                (void)add_device(build, list, &fuse);
        if (build->facts->has_dev_tun)
                (void)add_device(build, list, &tun);
}

static int missing(const PlanBuild *build, const DeviceSpec *spec, int error) {
        if (spec->is_optional)
                return 0;

        return plan_fail(build, error, "--device=%s: %s", spec->source,
                        error == -ENODEV   ? "This is no device node"
                        : error == -ENOENT ? "This host has no such device"
                                           : strerrordesc_np(-error));
}

/* One node that the user asked for. */
static int add_asked(const PlanBuild *build, const DeviceFacts *found, DeviceList *list) {
        const DeviceSpec *spec = &build->config->devices.items[found->spec];
        const char *path = found->path;
        Device device = {
                /* As on the host, but for its groups and users, whom nobody inside is. */
                .mode = (found->mode & (S_IFMT | 0666)) | 0600,
                .major = major(found->device),
                .minor = minor(found->device),
                .source = arena_copy(&build->plan->arena, found->real_path),
        };

        if (found->error < 0)
                return missing(build, spec, found->error);

        if (spec->target)
                path = path_join(&build->plan->arena, spec->target, path + strlen(spec->source));
        device.path = arena_copy(&build->plan->arena, path + strlen("/dev/"));
        plan_allow_device(build->plan,
                        &(DeviceRule){ device.mode & S_IFMT, device.major, device.minor,
                                        spec->access != 0 ? spec->access : DEVICE_ALL });
        return add_device(build, list, &device);
}

static int add_all_asked(const PlanBuild *build, DeviceList *list) {
        const DeviceSpecList *specs = &build->config->devices;
        const DeviceFactsList *found = &build->facts->devices;
        size_t next = 0;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < specs->n_items; i++) {
                if (next == found->n_items || found->items[next].spec != i)
                        r = missing(build, &specs->items[i], -ENOENT);
                while (r >= 0 && next < found->n_items && found->items[next].spec == i)
                        r = add_asked(build, &found->items[next++], list);
        }

        return r;
}

/* The rules before N_ASKED and from FIRST_BOUND on are not in the manager's policy "closed". */
static void tell_scope(const PlanBuild *build, size_t n_asked, size_t first_bound) {
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
        for (size_t i = 0; i < devices->n_rules; i++) {
                const DeviceRule *rule = &devices->rules[i];

                if (i >= n_asked && i < first_bound)
                        continue;
                /* By number: the node may have any name. */
                string_list_add(arena, &list,
                                arena_printf(arena, "/dev/%s/%u:%u %s",
                                                S_ISBLK(rule->type) ? "block" : "char", rule->major,
                                                rule->minor,
                                                device_access_to_text(rule->access, access)));
        }
        build->plan->cgroup.devices = list.items;
}

/* Whether the first N_ASKED rules, the user's, have less than what is kept without a filter. */
static bool has_limits(const DevicePlan *devices, size_t n_asked, bool is_guarded) {
        unsigned wanted = DEVICE_READ | DEVICE_WRITE | (is_guarded ? 0 : DEVICE_MKNOD);

        for (size_t i = 0; i < n_asked; i++)
                if (~devices->rules[i].access & wanted)
                        return true;

        return false;
}

static int choose_filter(const PlanBuild *build, size_t n_asked) {
        Plan *plan = build->plan;

        /* In a user namespace, this one or one around us, nobody makes nodes; and those of the tree
         * open for nobody behind a boundary. */
        bool is_guarded = plan->ids.is_boundary || build->facts->is_in_user_namespace;
        bool tells = !is_guarded && !build->config->as_nspawn; /* as with the boundary itself */
        bool is_required = has_limits(&plan->devices, n_asked, is_guarded);

        if (plan->cgroup.kind != CGROUP_NONE) {
                plan->devices.filter = is_required ? DEVICE_FILTER_REQUIRED
                                       : tells     ? DEVICE_FILTER_ONLY
                                                   : DEVICE_FILTER_EXTRA;
                return 0;
        }
        if (is_required)
                return plan_fail(build, -EOPNOTSUPP,
                                "--device= with less than all access needs a control group");

        if (tells)
                plan_notice(build,
                                "Without a control group root in '%s' can make and open device "
                                "nodes of the host",
                                plan->name);
        plan->devices.filter = DEVICE_FILTER_NONE;
        return 0;
}

/* Own nodes first in their list, but what the user asked for first among the rules: an access that
 * is less than we would give is meant so. */
int plan_build_devices(const PlanBuild *build) {
        Plan *plan = build->plan;
        DeviceList list = { 0 };
        size_t n_asked, first_bound;
        int r;

        add_own_devices(build, &list);
        r = add_all_asked(build, &list);
        if (r < 0)
                return r;
        n_asked = plan->devices.n_rules;

        for (size_t i = 0; i < list.n_items; i++)
                if (!has_rule(&plan->devices, &list.items[i]))
                        plan_allow_device(plan, &(DeviceRule){ list.items[i].mode & S_IFMT,
                                                                list.items[i].major,
                                                                list.items[i].minor, DEVICE_ALL });
        for (size_t i = 0; i < ELEMENTSOF(bare_rules); i++)
                plan_allow_device(plan, &bare_rules[i]);
        first_bound = plan->devices.n_rules;
        plan_allow_bound_devices(build);
        if (plan->devices.n_rules > DEVICE_RULES_MAX)
                return plan_fail(build, -E2BIG, "More than %d devices are too many for a container",
                                DEVICE_RULES_MAX);

        /* Folder by folder: whoever carries it out opens each once. */
        add_number_links(build, &list);
        for (size_t i = 0; i < list.n_items; i++)
                add_node(plan, &list.items[i]);

        tell_scope(build, n_asked, first_bound);
        return choose_filter(build, n_asked);
}
