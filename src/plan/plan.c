/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include <errno.h>
#include <string.h>

#include "plan/build.h"

void plan_add_mount(Plan *plan, const MountStep *step) {
        plan->mounts = arena_grow(&plan->arena, plan->mounts, plan->n_mounts,
                        &plan->n_mounts_allocated, sizeof *step);
        plan->mounts[plan->n_mounts++] = *step;
}

void plan_add_base_file(Plan *plan, const FileStep *step) {
        plan->base_files = arena_grow(&plan->arena, plan->base_files, plan->n_base_files,
                        &plan->n_base_files_allocated, sizeof *step);
        plan->base_files[plan->n_base_files++] = *step;
}

void plan_add_file(Plan *plan, const FileStep *step) {
        plan->files = arena_grow(&plan->arena, plan->files, plan->n_files, &plan->n_files_allocated,
                        sizeof *step);
        plan->files[plan->n_files++] = *step;
}

/* What no plan can mend. */
static int check_root(const PlanBuild *build) {
        const RootFacts *root = &build->facts->root;

        if (!build->facts->is_root)
                return plan_fail(build, -EPERM,
                                "boot-tree needs to be run as root (try it with sudo)");
        if (root->is_host_root && build->config->ephemeral == EPHEMERAL_NO &&
                        build->config->volatile_mode == VOLATILE_NO && !build->config->upper)
                return plan_fail(build, -EINVAL,
                                "Refusing to run '/' itself, it is in use by this system (a copy "
                                "of it can be: --ephemeral)");

        return 0;
}

int plan_build(const Config *config, const Facts *facts, Plan *plan, Notes *notes) {
        static int (*const parts[])(const PlanBuild *) = {
                check_root,
                plan_build_identity,
                plan_build_root,
                plan_build_ids,
                plan_build_namespaces,
                plan_build_cgroup,
                plan_build_time,
                plan_build_process,
                plan_build_privileges,
                plan_build_call_filter,
                plan_build_root_mount,
                plan_build_limits,
                plan_build_mounts,
                plan_build_custom_mounts,
                plan_build_devices,
                plan_build_files,
                plan_build_credentials,
                plan_build_resolv_conf,
                plan_build_timezone,
                plan_build_users,
                plan_build_journal,
                plan_build_labels,
                plan_build_receiver,
        };
        PlanBuild build = { .config = config, .facts = facts, .plan = plan, .notes = notes };
        int r;

        *plan = (Plan){ 0 };
        plan->root = arena_copy(&plan->arena, facts->root.path);
        plan->has_global_locks = !facts->environment.lets_others_lock;
        plan->notify_ready = config->notify_ready;
        plan->reboots_in_place = !config->keep_unit;
        plan->is_quiet = config->quiet;

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                r = parts[i](&build);
                if (r < 0)
                        return r;
        }

        return 0;
}

void plan_done(Plan *plan) {
        arena_done(&plan->arena);
        *plan = (Plan){ 0 };
}

void facts_done(Facts *facts) {
        arena_done(&facts->arena);
        *facts = (Facts){ 0 };
}
