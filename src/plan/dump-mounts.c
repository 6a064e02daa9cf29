/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/dump-mounts.h"

#include <stdio.h>
#include <sys/mount.h>

#include "base/macro.h"

/* clang-format off */
static const char *const mount_kind_names[] = {
        [MOUNT_TMPFS] = "tmpfs",
        [MOUNT_RAMFS] = "ramfs",
        [MOUNT_BIND] = "bind",
        [MOUNT_BIND_SOURCE] = "bind-source",
        [MOUNT_BIND_INSIDE] = "bind-inside",
        [MOUNT_OVERLAY] = "overlay",
        [MOUNT_INACCESSIBLE] = "inaccessible",
        [MOUNT_PROC] = "proc",
        [MOUNT_SYSFS] = "sysfs",
        [MOUNT_CGROUP2] = "cgroup2",
        [MOUNT_SELINUXFS] = "selinuxfs",
        [MOUNT_MQUEUE] = "mqueue",
        [MOUNT_DEVPTS] = "devpts",
};
static_assert(ELEMENTSOF(mount_kind_names) == MOUNT_KIND_MAX, "one name for each kind");

static const char *const made_by_names[] = {
        [MADE_BY_MANAGER] = "manager",
        [MADE_BY_MANAGER_LATE] = "manager-late",
        [MADE_BY_BOTH] = "both",
        [MADE_BY_PAYLOAD] = "payload",
};
static_assert(ELEMENTSOF(made_by_names) == MADE_BY_MAX, "one name for each side");

static const struct {
        unsigned flag;
        const char *name;
} flag_names[] = {
        { MOUNT_IS_OPTIONAL, "is_optional" },
        { MOUNT_IS_TUNNEL, "is_tunnel" },
        { MOUNT_IS_WRITABLE, "is_writable" },
        { MOUNT_IS_COMFORT, "is_comfort" },
        { MOUNT_ON_LINK, "on_link" },
        { MOUNT_IS_RECURSIVE, "is_recursive" },
        { MOUNT_MAP_IS_OPTIONAL, "map_is_optional" },
        { MOUNT_MAP_IS_TARGET, "map_is_target" },
};

/* Access times are a field of their own, not a bit each. */
static const struct {
        uint64_t bit;
        const char *name;
} attribute_names[] = {
        { MOUNT_ATTR_RDONLY, "ro" },
        { MOUNT_ATTR_NOSUID, "nosuid" },
        { MOUNT_ATTR_NODEV, "nodev" },
        { MOUNT_ATTR_NOEXEC, "noexec" },
        { MOUNT_ATTR_NODIRATIME, "nodiratime" },
        { 0x00200000, "nosymfollow" }, /* MOUNT_ATTR_NOSYMFOLLOW, newer than glibc 2.36 */
};
/* clang-format on */

static void dump_attributes(Writer *writer, const char *key, uint64_t attributes) {
        uint64_t rest = attributes & ~(uint64_t)MOUNT_ATTR__ATIME;

        writer_begin_list(writer, key, WRITER_LINE);
        for (size_t i = 0; i < ELEMENTSOF(attribute_names); i++)
                if (rest & attribute_names[i].bit) {
                        writer_string(writer, NULL, attribute_names[i].name);
                        rest &= ~attribute_names[i].bit;
                }
        if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR__ATIME)
                writer_string(writer, NULL, "atime"); /* the whole field, to be cleared */
        else if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME)
                writer_string(writer, NULL, "strictatime");
        else if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME)
                writer_string(writer, NULL, "noatime");
        if (rest != 0)
                writer_unsigned(writer, NULL, rest);
        writer_end(writer);
}

static void dump_ranges(Writer *writer, const char *key, const IdRange *ranges, size_t n_ranges) {
        writer_begin_list(writer, key, WRITER_LINE);
        for (size_t i = 0; i < n_ranges; i++) {
                char line[3 * DECIMAL_MAX];

                (void)snprintf(line, sizeof line, "%u:%u:%u", ranges[i].inside, ranges[i].outside,
                                ranges[i].count); /* always fits */
                writer_string(writer, NULL, line);
        }
        writer_end(writer);
}

static void dump_map(Writer *writer, const IdMap *map) {
        if (!map)
                return;

        dump_ranges(writer, "users", map->users, map->n_users);
        if (map->groups != map->users)
                dump_ranges(writer, "groups", map->groups, map->n_groups);
}

static void dump_layer(Writer *writer, const char *key, const LayerStep *layer) {
        writer_begin_object(writer, key, WRITER_LINE);
        writer_string(writer, "path", layer->path);
        if (layer->is_inside)
                writer_bool(writer, "is_inside", true);
        dump_map(writer, layer->map);
        writer_end(writer);
}

static void dump_overlay(Writer *writer, const OverlayStep *overlay) {
        writer_begin_list(writer, "layers", WRITER_LINE);
        for (size_t i = 0; i < overlay->n_layers; i++)
                dump_layer(writer, NULL, &overlay->layers[i]);
        writer_end(writer);
        if (!overlay->upper_name)
                return;

        dump_layer(writer, "upper_in", &overlay->upper);
        writer_string(writer, "upper", overlay->upper_name);
        writer_string(writer, "work", overlay->work_name);
}

static void dump_mount(Writer *writer, const MountStep *step) {
        writer_begin_object(writer, NULL, WRITER_LINE);
        writer_string(writer, "target", step->target);
        writer_string(writer, "kind", mount_kind_names[step->kind]);
        writer_string(writer, "made_by", made_by_names[step->made_by]);
        if (step->source)
                writer_string(writer, "source", step->source);
        if (step->options)
                writer_string(writer, "options", step->options);
        dump_attributes(writer, "attributes", step->attributes);
        if (step->attributes_gone != 0)
                dump_attributes(writer, "attributes_gone", step->attributes_gone);
        if (step->late_attributes != 0)
                dump_attributes(writer, "late_attributes", step->late_attributes);
        for (size_t i = 0; i < ELEMENTSOF(flag_names); i++)
                if (step->flags & flag_names[i].flag)
                        writer_bool(writer, flag_names[i].name, true);
        dump_map(writer, step->map);
        if (step->overlay)
                dump_overlay(writer, step->overlay);
        writer_end(writer);
}

void plan_dump_mounts(const Plan *plan, Writer *writer) {
        writer_begin_list(writer, "mounts", WRITER_BLOCK);
        for (size_t i = 0; i < plan->n_mounts; i++)
                dump_mount(writer, &plan->mounts[i]);
        writer_end(writer);
}

void plan_dump_folders(const Plan *plan, Writer *writer) {
        if (plan->n_folders == 0)
                return;

        writer_begin_list(writer, "folders", WRITER_BLOCK);
        for (size_t i = 0; i < plan->n_folders; i++) {
                const FolderStep *step = &plan->folders[i];
                char mode[DECIMAL_MAX];

                writer_begin_object(writer, NULL, WRITER_LINE);
                writer_string(writer, "path", step->path);
                if (step->link)
                        writer_string(writer, "link", step->link);
                else {
                        (void)snprintf(mode, sizeof mode, "%04o", (unsigned)step->mode);
                        writer_unsigned(writer, "owner", step->owner);
                        writer_unsigned(writer, "group", step->group);
                        writer_string(writer, "mode", mode);
                }
                if (step->is_kept)
                        writer_bool(writer, "is_kept", true);
                writer_end(writer);
        }
        writer_end(writer);
}
