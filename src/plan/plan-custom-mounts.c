/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The mounts that the user wants, sorted by their targets, so that none covers another by accident.
 * They come behind our own mounts and files. The manager attaches them, which locks them; only what
 * lies on a file system of the payload's side (/proc, its own /sys) is attached there.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "plan/build.h"

static const char TEMPORARY_FOLDER[] = "/var/tmp";

const SourceFacts *plan_find_source(const PlanBuild *build, const char *path, size_t *ret_index) {
        static const SourceFacts unknown = { .path = "", .real_path = "/", .error = -ENOENT };
        const SourceList *sources = &build->facts->sources;

        for (size_t i = 0; i < sources->n_items; i++)
                if (text_equal(sources->items[i].path, path)) {
                        *ret_index = i;
                        return &sources->items[i];
                }

        *ret_index = 0;
        return &unknown;
}

size_t plan_add_folder(const PlanBuild *build, const FolderStep *step) {
        Plan *plan = build->plan;

        plan->folders = arena_grow(&plan->arena, plan->folders, plan->n_folders,
                        &plan->n_folders_allocated, sizeof *step);
        plan->folders[plan->n_folders++] = *step;
        return build->facts->sources.n_items + plan->n_folders - 1;
}

bool plan_has_custom_mount(const PlanBuild *build, const char *target, bool below) {
        const MountSpecList *list = &build->config->mounts;

        for (size_t i = 0; i < list->n_items; i++)
                if (text_equal(list->items[i].target, target) ||
                                (below && path_is_below(list->items[i].target, target)))
                        return true;

        return false;
}

void plan_allow_bound_devices(const PlanBuild *build) {
        const MountSpecList *list = &build->config->mounts;

        for (size_t i = 0; i < list->n_items; i++) {
                const MountSpec *spec = &list->items[i];
                const SourceFacts *source;
                size_t index;

                if (spec->kind != MOUNT_SPEC_BIND || !spec->sources->path ||
                                spec->sources->is_inside)
                        continue;
                source = plan_find_source(build, spec->sources->path, &index);
                if (source->error < 0 || (!S_ISCHR(source->mode) && !S_ISBLK(source->mode)))
                        continue;
                plan_allow_device(build->plan,
                                &(DeviceRule){
                                                source->mode & S_IFMT,
                                                major(source->device),
                                                minor(source->device),
                                                DEVICE_READ | (spec->is_read_only ? 0
                                                                                  : DEVICE_WRITE),
                                });
        }
}

/* Whether what is mounted on TARGET lies on a file system that only the payload's side can make. */
static bool is_on_payloads_side(const Plan *plan, const char *target) {
        static const char *const points[] = { "/proc", "/dev/mqueue", "/dev/pts", "/run/host/proc",
                "/run/host/sys" };

        for (size_t i = 0; i < ELEMENTSOF(points); i++)
                if (path_is_below(target, points[i]))
                        return true;

        return plan->has_private_network && path_is_below(target, "/sys");
}

static int source_failed(const PlanBuild *build, const MountSpec *spec, const SourceFacts *source) {
        return plan_fail(build, source->error, "Failed to open '%s' to mount it on '%s': %s",
                        source->path, spec->target, strerrordesc_np(-source->error));
}

/* A new folder in /var/tmp that nobody else can enter. */
static int add_temporary(const PlanBuild *build, size_t *ret_index) {
        Plan *plan = build->plan;
        FolderStep step = { .mode = 0700 };
        const SourceFacts *parent;
        char token[33];

        parent = plan_find_source(build, TEMPORARY_FOLDER, &step.parent_index);
        if (parent->error < 0)
                return plan_fail(build, parent->error, "Failed to open '%s': %s", TEMPORARY_FOLDER,
                                strerrordesc_np(-parent->error));

        uuid_to_hex(build->facts->random_uuid, token);
        step.name = arena_printf(
                        &plan->arena, "boot-tree-%s-%.16s-%zu", plan->name, token, plan->n_folders);
        step.path = path_join(&plan->arena, TEMPORARY_FOLDER, step.name);
        *ret_index = plan_add_folder(build, &step);
        return 0;
}

/* A folder in that one for the payload: others on the host must not find what it leaves there. */
static size_t add_folder_in(const PlanBuild *build, size_t parent_index, const char *name) {
        const FolderStep *parent =
                        &build->plan->folders[parent_index - build->facts->sources.n_items];

        return plan_add_folder(build,
                        &(FolderStep){
                                        .path = path_join(&build->plan->arena, parent->path, name),
                                        .parent_index = parent_index,
                                        .name = name,
                                        .owner = build->plan->ids.root_id,
                                        .group = build->plan->ids.root_id,
                                        .mode = 0755,
                        });
}

static const char *folder_path(const PlanBuild *build, size_t index) {
        return build->plan->folders[index - build->facts->sources.n_items].path;
}

/* 0 if there is nothing to mount, 1 with the row completed. */
static int plan_bind(const PlanBuild *build, const MountSpec *spec, MountStep *step) {
        const MountSource *source = spec->sources;
        const SourceFacts *facts;
        unsigned flags;
        int r;

        step->flags = spec->is_recursive ? MOUNT_IS_RECURSIVE : 0;
        if (source->is_inside) {
                step->kind = MOUNT_BIND_INSIDE;
                step->source = arena_copy(&build->plan->arena, source->path);
                return 1;
        }

        step->kind = MOUNT_BIND_SOURCE;
        if (!source->path) {
                r = add_temporary(build, &step->source_index);
                if (r < 0)
                        return r;
                step->source_index = add_folder_in(build, step->source_index, "data");
                step->source = folder_path(build, step->source_index);
                return 1;
        }

        facts = plan_find_source(build, source->path, &step->source_index);
        if (facts->error < 0 && spec->is_optional &&
                        (facts->error == -ENOENT || facts->error == -ENOTDIR))
                return 0;
        if (facts->error < 0)
                return source_failed(build, spec, facts);

        step->source = arena_copy(&build->plan->arena, facts->real_path);
        r = plan_map_bind(build, spec, facts, &step->map, &flags);
        step->flags |= flags;
        if (flags & MOUNT_MAP_IS_TARGET && step->made_by == MADE_BY_BOTH)
                return plan_fail(build, -EOPNOTSUPP,
                                "'owneridmap' is not possible on '%s', which the payload mounts",
                                spec->target);
        return r < 0 ? r : 1;
}

/* Ids that the user gives are the payload's. What its side mounts counts in those anyway. */
static int tmpfs_id(const PlanBuild *build,
                const MountStep *step,
                bool has_id,
                uint32_t id,
                uint32_t *ret_id) {
        if (!has_id)
                id = 0;
        if (step->made_by == MADE_BY_PAYLOAD)
                *ret_id = id;
        else if (!plan_id_on_host(&build->plan->ids, id, ret_id))
                return plan_fail(build, -EINVAL, "--tmpfs=%s: the payload has no id %u",
                                step->target, id);

        return 0;
}

static int plan_tmpfs(const PlanBuild *build, const MountSpec *spec, MountStep *step) {
        uint32_t uid, gid;
        int r;

        step->kind = MOUNT_TMPFS;
        if (step->made_by == MADE_BY_BOTH)
                step->made_by = MADE_BY_PAYLOAD;

        r = tmpfs_id(build, step, spec->has_uid, spec->uid, &uid);
        if (r >= 0)
                r = tmpfs_id(build, step, spec->has_gid, spec->gid, &gid);
        if (r < 0)
                return r;

        step->options = arena_copy(&build->plan->arena, spec->options);
        if (spec->has_uid || spec->has_gid || uid != 0)
                step->options = arena_printf(&build->plan->arena, "%s%suid=%u,gid=%u",
                                step->options, step->options[0] ? "," : "", uid, gid);
        return 1;
}

static int check_layer(const PlanBuild *build, const MountSpec *spec, const SourceFacts *source) {
        if (source->error < 0)
                return source_failed(build, spec, source);
        if (!S_ISDIR(source->mode))
                return plan_fail(build, -ENOTDIR, "'%s' is no folder, and cannot be in an overlay",
                                source->path);

        return 0;
}

static int plan_lower(const PlanBuild *build,
                const MountSpec *spec,
                const MountSource *source,
                LayerStep *ret_layer) {
        LayerStep layer = { .is_inside = source->is_inside };
        const SourceFacts *facts;
        int r;

        if (source->is_inside)
                layer.path = arena_copy(&build->plan->arena, source->path);
        else if (!source->path) {
                r = add_temporary(build, &layer.source_index);
                if (r < 0)
                        return r;
                layer.source_index = add_folder_in(build, layer.source_index, "data");
                layer.path = folder_path(build, layer.source_index);
        } else {
                facts = plan_find_source(build, source->path, &layer.source_index);
                r = check_layer(build, spec, facts);
                if (r < 0)
                        return r;
                layer.path = arena_copy(&build->plan->arena, facts->real_path);
                layer.map = plan_map_layer(build, facts);
        }

        *ret_layer = layer;
        return 0;
}

/* A folder of the user's: the work folder goes beside it, since both have to be in one mount. */
static int plan_upper_source(const PlanBuild *build,
                const MountSpec *spec,
                const char *path,
                OverlayStep *overlay) {
        Arena *arena = &build->plan->arena;
        LayerStep *upper = &overlay->upper;
        const SourceFacts *facts, *parent;
        char token[33];
        size_t index;
        int r;

        facts = plan_find_source(build, path, &index);
        parent = plan_find_source(
                        build, path_parent(arena, facts->real_path), &upper->source_index);
        if (facts->error < 0 && facts->error != -ENOENT)
                return source_failed(build, spec, facts);
        r = check_layer(build, spec, parent);
        if (r >= 0 && facts->error == 0)
                r = check_layer(build, spec, facts);
        if (r < 0)
                return r;
        if (facts->error == 0 && facts->is_mount_point)
                return plan_fail(build, -EBUSY,
                                "'%s' is a mount point, so the work folder of an overlay cannot lie "
                                "beside it (name a folder below it)",
                                facts->real_path);
        if (strchr(facts->real_path, '\n'))
                return plan_fail(build, -EINVAL, "'%s' has a line break in its path", path);

        uuid_to_hex(build->facts->random_uuid, token);
        upper->path = arena_copy(arena, parent->real_path);
        upper->map = plan_map_upper(build, facts->error < 0 ? parent : facts);
        overlay->upper_name = path_last(arena, facts->real_path);
        overlay->work_name =
                        arena_printf(arena, ".#boot-tree-%.16s-%zu", token, build->plan->n_folders);

        FolderStep step = {
                .path = path_join(arena, upper->path, overlay->upper_name),
                .parent_index = upper->source_index,
                .name = overlay->upper_name,
                .owner = upper->map ? upper->map->users[0].inside : parent->uid,
                .mode = 0755,
                .is_kept = true,
        };
        step.group = step.owner;
        if (facts->error < 0)
                (void)plan_add_folder(build, &step);
        step.path = path_join(arena, upper->path, overlay->work_name);
        step.name = overlay->work_name;
        step.mode = 0700;
        step.is_kept = false;
        (void)plan_add_folder(build, &step);
        return 0;
}

static int plan_upper(const PlanBuild *build, const MountSpec *spec, OverlayStep *overlay) {
        const MountSource *source = &spec->sources[spec->n_sources - 1];
        int r;

        if (source->is_inside)
                return plan_fail(build, -EOPNOTSUPP,
                                "--overlay=...:+%s: the folder that keeps the changes cannot be "
                                "inside the tree (name it by its path on the host)",
                                source->path);
        if (source->path)
                return plan_upper_source(build, spec, source->path, overlay);

        r = add_temporary(build, &overlay->upper.source_index);
        if (r < 0)
                return r;
        overlay->upper.path = folder_path(build, overlay->upper.source_index);
        overlay->upper_name = "upper";
        overlay->work_name = "work";
        (void)add_folder_in(build, overlay->upper.source_index, overlay->upper_name);
        (void)add_folder_in(build, overlay->upper.source_index, overlay->work_name);
        return 0;
}

static int plan_overlay(const PlanBuild *build, const MountSpec *spec, MountStep *step) {
        OverlayStep *overlay = arena_allocate(&build->plan->arena, sizeof *overlay);
        int r;

        overlay->n_layers = spec->n_sources - !spec->is_read_only;
        overlay->layers = arena_allocate(
                        &build->plan->arena, overlay->n_layers * sizeof *overlay->layers);
        for (size_t i = 0; i < overlay->n_layers; i++) {
                r = plan_lower(build, spec, &spec->sources[i], &overlay->layers[i]);
                if (r < 0)
                        return r;
        }

        step->kind = MOUNT_OVERLAY;
        step->overlay = overlay;
        r = spec->is_read_only ? 0 : plan_upper(build, spec, overlay);
        return r < 0 ? r : 1;
}

static int plan_inaccessible(MountStep *step) {
        step->kind = MOUNT_INACCESSIBLE;
        if (step->made_by == MADE_BY_BOTH)
                step->made_by = MADE_BY_PAYLOAD; /* of what is there: it has to be there first */
        step->attributes |= MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                            MOUNT_ATTR_NOEXEC;
        return 1;
}

static bool is_root(const MountSpec *spec) {
        return text_equal(spec->target, "/");
}

static int add_one(const PlanBuild *build, const MountSpec *spec) {
        MountStep step = {
                .made_by = is_on_payloads_side(build->plan, spec->target) ? MADE_BY_BOTH
                                                                          : MADE_BY_MANAGER_LATE,
                .target = arena_copy(&build->plan->arena, spec->target),
                .attributes = spec->attributes,
                .attributes_gone = spec->attributes_gone,
        };
        int r = -EINVAL;

        if (is_root(spec))
                step.made_by = MADE_BY_MANAGER;
        switch (spec->kind) {
        case MOUNT_SPEC_BIND:
                r = plan_bind(build, spec, &step);
                break;
        case MOUNT_SPEC_TMPFS:
                r = plan_tmpfs(build, spec, &step);
                break;
        case MOUNT_SPEC_OVERLAY:
                r = plan_overlay(build, spec, &step);
                break;
        case MOUNT_SPEC_INACCESSIBLE:
                r = plan_inaccessible(&step);
                break;
        case MOUNT_SPEC_MAX:
                break;
        }

        if (r > 0)
                plan_add_mount(build->plan, &step);
        return r;
}

/* By components: "/a/b" comes before "/a-b". */
static int compare_paths(const char *a, const char *b) {
        while (*a == *b && *a != '\0') {
                a++;
                b++;
        }
        if (*a == '/' || *b == '/')
                return *a == '\0' ? -1 : *b == '\0' ? 1 : *a == '/' ? -1 : 1;

        return (unsigned char)*a - (unsigned char)*b;
}

/* Of those on one target the order is the kinds', then the user's. The array is of pointers into
 * the user's list. */
static int compare_specs(const void *a, const void *b) {
        const MountSpec *first = *(const MountSpec *const *)a,
                        *second = *(const MountSpec *const *)b;
        int order = compare_paths(first->target, second->target);

        if (order == 0)
                order = (int)first->kind - (int)second->kind;
        return order != 0 ? order : first < second ? -1 : first > second;
}

/* Nothing that was found out about the tree holds for what is mounted over it. */
static int check_root(const PlanBuild *build) {
        UsersMode mode = build->config->private_users.mode;

        if (!build->plan->ids.has_namespace)
                return 0;
        if (build->plan->ids.owners != OWNERS_AS_THEY_ARE || mode == USERS_DEFAULT ||
                        mode == USERS_PICK || mode == USERS_YES)
                return plan_fail(build, -EINVAL,
                                "A bind on '/' cannot be combined with ids or owners that are "
                                "chosen by the tree (name the folder with --directory=)");

        return 0;
}

int plan_build_root_mount(const PlanBuild *build) {
        const MountSpecList *list = &build->config->mounts;

        for (size_t i = 0; i < list->n_items; i++) {
                int r;

                if (!is_root(&list->items[i]))
                        continue;
                r = check_root(build);
                if (r >= 0)
                        r = add_one(build, &list->items[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

int plan_build_custom_mounts(const PlanBuild *build) {
        const MountSpecList *list = &build->config->mounts;
        const MountSpec **sorted;

        if (list->n_items == 0)
                return 0;

        sorted = arena_allocate(&build->plan->arena, list->n_items * sizeof *sorted);
        for (size_t i = 0; i < list->n_items; i++)
                sorted[i] = &list->items[i];
        qsort(sorted, list->n_items, sizeof *sorted, compare_specs);

        for (size_t i = 0; i < list->n_items; i++) {
                int r = is_root(sorted[i]) ? 0 : add_one(build, sorted[i]);

                if (r < 0)
                        return r;
        }

        return 0;
}
