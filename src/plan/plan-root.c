/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the root is made of: the tree itself, or an overlay in which the tree is never written.
 *
 * Ids on disk are unshifted in what an overlay writes, as in the tree: the mapping of plan-ids goes
 * for both.
 */

#include "plan/build.h"

/* Directories can be renamed, inode numbers look like those of one file system, and none of the
 * features that tie an upper to the very lower it was made over. Without "volatile" each fsync()
 * inside would write out all of the upper's file system: nothing of it has to survive a crash. */
#define OPTIONS           "source=overlay,index=off,metacopy=off,xino=auto"
#define TEMPORARY_OPTIONS OPTIONS ",redirect_dir=on,volatile"

static void choose_ephemeral(const PlanBuild *build) {
        const RootFacts *root = &build->facts->root;
        Arena *arena = &build->plan->arena;
        RootPlan *layers = &build->plan->layers;

        layers->is_overlay = true;
        layers->options = TEMPORARY_OPTIONS;
        if (build->config->ephemeral == EPHEMERAL_DISK && root->can_write_beside) {
                layers->upper = UPPER_BESIDE;
                layers->upper_parent = arena_copy(arena, root->beside);
                layers->upper_name = arena_printf(arena, ".#%.200s.%s",
                                root->is_host_root ? "root" : root->name,
                                build->facts->random_suffix);
                return;
        }

        layers->upper = UPPER_MEMORY;
        layers->memory_options = "mode=0700,size=25%,nr_inodes=1m";
        if (build->config->ephemeral == EPHEMERAL_DISK)
                plan_notice(build,
                                "'%s' cannot hold what the payload changes, it is kept in memory",
                                root->beside);
}

static void tell_about_submounts(const PlanBuild *build) {
        const StringList *mounts = &build->facts->root.submounts;
        Arena *arena = &build->plan->arena;
        const char *text = NULL;

        for (size_t i = 0; i < mounts->n_items; i++)
                text = text ? arena_printf(arena, "%s, '%s'", text, mounts->items[i])
                            : arena_printf(arena, "'%s'", mounts->items[i]);
        if (text)
                plan_notice(build, "Not part of the copy, since they are mounted there: %s", text);
}

int plan_build_root(const PlanBuild *build) {
        const RootFacts *root = &build->facts->root;
        Plan *plan = build->plan;

        if (build->config->ephemeral != EPHEMERAL_NO) {
                choose_ephemeral(build);
                tell_about_submounts(build);
        }

        plan->is_root_read_only = build->config->read_only ||
                                  (plan->layers.upper == UPPER_NONE && root->is_read_only);
        return 0;
}
