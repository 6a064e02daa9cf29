/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/place-file.h"

#include <sys/mount.h>

enum { ATTRIBUTES = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY };

/* Something to mount on. */
static void make_target(Plan *plan, const char *path, EntryKind there) {
        if (there == ENTRY_MISSING)
                plan_add_base_file(plan, &(FileStep){
                                                         .kind = FILE_TEXT,
                                                         .path = path,
                                                         .content = "",
                                                         .mode = 0644,
                                                         .flags = FILE_IS_COMFORT,
                                         });
}

void place_cover(Plan *plan, const char *path, EntryKind there, const FileStep *copy) {
        make_target(plan, path, there);
        plan_add_file(plan, copy);
        plan_add_mount(plan, &(MountStep){
                                             .kind = MOUNT_BIND_INSIDE,
                                             .made_by = MADE_BY_PAYLOAD,
                                             .source = copy->path,
                                             .target = path,
                                             .attributes = ATTRIBUTES,
                                             .flags = MOUNT_IS_COMFORT | MOUNT_ON_LINK,
                             });
}

void place_bind(const PlanBuild *build, const char *source, const char *path, EntryKind there) {
        Plan *plan = build->plan;

        if (there == ENTRY_MISSING && plan->is_root_read_only) {
                plan_warning(build, "The tree is read-only and has no '%s' to mount on, ignoring",
                                path);
                return;
        }

        make_target(plan, path, there);
        plan_add_mount(plan, &(MountStep){
                                             .kind = MOUNT_BIND,
                                             .made_by = MADE_BY_MANAGER,
                                             .source = arena_copy(&plan->arena, source),
                                             .target = path,
                                             .attributes = ATTRIBUTES,
                                             .flags = MOUNT_IS_COMFORT | MOUNT_ON_LINK,
                             });
}

void place_copy(Plan *plan, const HostFile *file, const char *path, unsigned flags) {
        plan_add_file(plan, &(FileStep){
                                            .kind = FILE_DATA,
                                            .path = path,
                                            .content = arena_copy_n(
                                                            &plan->arena, file->data, file->size),
                                            .size = file->size,
                                            .mode = 0644,
                                            .flags = flags | FILE_IS_COMFORT,
                            });
}

void place_link(Plan *plan, const char *target, const char *path) {
        plan_add_file(plan, &(FileStep){
                                            .kind = FILE_LINK,
                                            .path = path,
                                            .content = target,
                                            .flags = FILE_REPLACES_ALL | FILE_IS_COMFORT,
                            });
}

void place_nothing(Plan *plan, const char *path) {
        plan_add_file(plan, &(FileStep){
                                            .kind = FILE_DELETE,
                                            .path = path,
                                            .flags = FILE_IS_COMFORT,
                            });
}
