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
                r = plan_add_temporary(build, &step->source_index);
                if (r < 0)
                        return r;
                step->source_index = plan_add_folder_in(build, step->source_index, "data");
                step->source = plan_folder_path(build, step->source_index);
                return 1;
        }

        facts = plan_find_source(build, source->path, &step->source_index);
        if (facts->error < 0 && spec->is_optional &&
                        (facts->error == -ENOENT || facts->error == -ENOTDIR))
                return 0;
        if (facts->error < 0)
                return plan_source_failed(build, spec, facts);

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
                r = plan_build_overlay(build, spec, &step);
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
