/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's folders that a plan names by an index: the sources, which have been opened, and behind
 * them those that are made for the run.
 */

#include <errno.h>
#include <string.h>

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

int plan_source_failed(const PlanBuild *build, const MountSpec *spec, const SourceFacts *source) {
        return plan_fail(build, source->error, "Failed to open '%s' to mount it on '%s': %s",
                        source->path, spec->target, strerrordesc_np(-source->error));
}

size_t plan_add_folder(const PlanBuild *build, const FolderStep *step) {
        Plan *plan = build->plan;

        plan->folders = arena_grow(&plan->arena, plan->folders, plan->n_folders,
                        &plan->n_folders_allocated, sizeof *step);
        plan->folders[plan->n_folders++] = *step;
        return build->facts->sources.n_items + plan->n_folders - 1;
}

int plan_add_temporary(const PlanBuild *build, size_t *ret_index) {
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

size_t plan_add_folder_in(const PlanBuild *build, size_t parent_index, const char *name) {
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

const char *plan_folder_path(const PlanBuild *build, size_t index) {
        return build->plan->folders[index - build->facts->sources.n_items].path;
}
