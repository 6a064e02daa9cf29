/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an overlay of the user's is made of. Changes are kept in the upper folder, and the kernel
 * needs an empty work folder beside it, in the same mount.
 */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "plan/build.h"

static int check_layer(const PlanBuild *build, const MountSpec *spec, const SourceFacts *source) {
        if (source->error < 0)
                return plan_source_failed(build, spec, source);
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
                r = plan_add_temporary(build, &layer.source_index);
                if (r < 0)
                        return r;
                layer.source_index = plan_add_folder_in(build, layer.source_index, "data");
                layer.path = plan_folder_path(build, layer.source_index);
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
                return plan_source_failed(build, spec, facts);
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

/* Why no folder of the tree can be an upper, or NULL. */
static const char *reason_against_inside(const PlanBuild *build, const char *path) {
        const Plan *plan = build->plan;

        if (plan->is_root_read_only)
                return "the tree is read-only";
        if (plan->layers.is_overlay)
                return "the tree is shown by an overlay itself, which cannot hold another one's "
                       "changes";
        if (plan_has_custom_mount(build, "/", /* below= */ false))
                return "something is mounted on '/'";
        if (!path_is_normalized(path) || path_last(&build->plan->arena, path)[0] == '\0' ||
                        strchr(path, '\n'))
                return "this is no folder that another one can lie beside";

        return NULL;
}

/* A folder of the tree, where that is assembled; both are made there if they are missing. */
static int plan_upper_inside(const PlanBuild *build, const char *path, OverlayStep *overlay) {
        Arena *arena = &build->plan->arena;
        const char *reason = reason_against_inside(build, path);
        char token[33];

        if (reason)
                return plan_fail(build, -EOPNOTSUPP, "--overlay=...:+%s: %s", path, reason);

        uuid_to_hex(build->facts->random_uuid, token);
        overlay->upper = (LayerStep){ .path = path_parent(arena, path), .is_inside = true };
        overlay->upper_name = path_last(arena, path);
        overlay->work_name =
                        arena_printf(arena, ".#boot-tree-%.16s-%zu", token, build->plan->n_mounts);
        return 0;
}

static int plan_upper(const PlanBuild *build, const MountSpec *spec, OverlayStep *overlay) {
        const MountSource *source = &spec->sources[spec->n_sources - 1];
        int r;

        if (source->is_inside)
                return plan_upper_inside(build, source->path, overlay);
        if (source->path)
                return plan_upper_source(build, spec, source->path, overlay);

        r = plan_add_temporary(build, &overlay->upper.source_index);
        if (r < 0)
                return r;
        overlay->upper.path = plan_folder_path(build, overlay->upper.source_index);
        overlay->upper_name = "upper";
        overlay->work_name = "work";
        (void)plan_add_folder_in(build, overlay->upper.source_index, overlay->upper_name);
        (void)plan_add_folder_in(build, overlay->upper.source_index, overlay->work_name);
        return 0;
}

int plan_build_overlay(const PlanBuild *build, const MountSpec *spec, MountStep *step) {
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
