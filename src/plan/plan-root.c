/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the root is made of: the tree itself, or an overlay in which neither the tree nor what is
 * below it is ever written.
 */

#include <errno.h>

#include "base/path.h"
#include "plan/build.h"

/* Inode numbers look like those of one file system, and none of the features that tie an upper to
 * the very lower it was made over. */
#define OPTIONS "source=overlay,index=off,metacopy=off,xino=auto"

/* Directories of the tree can be renamed. Without "volatile" each fsync() inside would write out all
 * of the upper's file system, and nothing of it has to survive a crash. */
#define TEMPORARY_OPTIONS OPTIONS ",redirect_dir=on,volatile"

/* What is kept says by itself what it means, to others as well: a renamed directory is a copy. */
#define KEPT_OPTIONS OPTIONS ",redirect_dir=follow"

/* Hidden, and with an end by which later runs tell it from the folders of other programs. */
static const char *hidden_name(const PlanBuild *build, const char *name) {
        return arena_printf(&build->plan->arena, ".#%.200s.%s", name, build->facts->random_suffix);
}

static void choose_ephemeral(const PlanBuild *build) {
        const RootFacts *facts = &build->facts->root;
        Arena *arena = &build->plan->arena;
        RootPlan *root = &build->plan->layers;
        const char *name = facts->is_host_root ? "root" : facts->name;

        if (build->config->ephemeral == EPHEMERAL_DISK && facts->can_write_beside) {
                root->upper = UPPER_BESIDE;
                root->upper_parent = arena_copy(arena, facts->beside);
                root->is_upper_left = facts->left_upper;
                root->upper_name = facts->left_upper ? arena_copy(arena, facts->left_upper)
                                                     : hidden_name(build, name);
                return;
        }

        root->upper = UPPER_MEMORY;
        if (build->config->ephemeral == EPHEMERAL_DISK)
                plan_notice(build,
                                "'%s' cannot hold what the payload changes, it is kept in memory",
                                facts->beside);
}

static int choose_folder(const PlanBuild *build) {
        const RootFacts *facts = &build->facts->root;
        Arena *arena = &build->plan->arena;
        RootPlan *root = &build->plan->layers;

        if (!facts->can_write_upper)
                return plan_fail(build, -EOPNOTSUPP,
                                "'%s' cannot hold what the payload changes: it is read-only, or "
                                "its file system cannot carry the upper layer of an overlay",
                                facts->upper);

        root->upper = UPPER_FOLDER;
        root->upper_parent = path_parent(arena, facts->upper);
        root->upper_name = path_last(arena, facts->upper);
        return 0;
}

/* Where changes go. A volatile root comes first: of a copy it keeps no more than of the tree. */
static int choose_upper(const PlanBuild *build) {
        const Config *config = build->config;
        RootPlan *root = &build->plan->layers;

        switch (config->volatile_mode) {
        case VOLATILE_NO:
        case VOLATILE_MAX:
                break;
        case VOLATILE_YES:
                root->has_only_usr = true;
                return 0;
        case VOLATILE_STATE:
                return 0;
        case VOLATILE_OVERLAY:
                root->upper = UPPER_ONE_BOOT;
                return 0;
        }

        if (config->upper)
                return choose_folder(build);
        if (config->ephemeral != EPHEMERAL_NO)
                choose_ephemeral(build);
        return 0;
}

static void add_layers(const PlanBuild *build) {
        const RootFacts *facts = &build->facts->root;
        RootPlan *root = &build->plan->layers;
        Arena *arena = &build->plan->arena;

        root->n_layers = 1 + facts->n_layers;
        root->layers = arena_allocate(arena, root->n_layers * sizeof *root->layers);
        root->layers[0] = (LayerPlan){ .path = arena_copy(arena, facts->path) };
        for (size_t i = 0; i < facts->n_layers; i++)
                root->layers[1 + i] =
                                (LayerPlan){ .path = arena_copy(arena, facts->layers[i].path) };
}

static const char *overlay_options(UpperKind upper) {
        switch (upper) {
        case UPPER_MEMORY:
        case UPPER_ONE_BOOT:
        case UPPER_BESIDE:
                return TEMPORARY_OPTIONS;
        case UPPER_FOLDER:
                return KEPT_OPTIONS;
        case UPPER_NONE:
        case UPPER_MAX:
                break;
        }

        return OPTIONS;
}

static void tell_about_submounts(const PlanBuild *build, const char *what) {
        const StringList *mounts = &build->facts->root.submounts;
        Arena *arena = &build->plan->arena;
        const char *text = NULL;

        for (size_t i = 0; i < mounts->n_items; i++)
                text = text ? arena_printf(arena, "%s, '%s'", text, mounts->items[i])
                            : arena_printf(arena, "'%s'", mounts->items[i]);
        if (text)
                plan_notice(build, "Not part of the %s, since they are mounted there: %s", what,
                                text);
}

static void choose_overlay(const PlanBuild *build) {
        RootPlan *root = &build->plan->layers;

        if (root->upper == UPPER_NONE && build->facts->root.n_layers == 0)
                return;

        root->is_overlay = true;
        root->options = overlay_options(root->upper);
        add_layers(build);
        if (!root->copy_of)
                tell_about_submounts(build, "overlay");
}

static void choose_pivot(const PlanBuild *build) {
        const PivotRoot *pivot = &build->config->pivot_root;
        RootPlan *root = &build->plan->layers;
        Arena *arena = &build->plan->arena;

        if (!pivot->to)
                return;
        root->pivot_to = arena_copy(arena, pivot->to);
        if (pivot->old_at)
                root->pivot_old_at = arena_copy(arena, pivot->old_at);
}

static void choose_copy(const PlanBuild *build) {
        const RootFacts *facts = &build->facts->root;
        RootPlan *root = &build->plan->layers;

        if (!facts->template_path)
                return;

        root->copy_of = arena_copy(&build->plan->arena, facts->template_path);
        root->copy_name = hidden_name(build, path_last(&build->plan->arena, facts->path));
        tell_about_submounts(build, "copy");
}

/* Whether nothing can be written but what is mounted later. */
static bool is_read_only(const PlanBuild *build) {
        const Config *config = build->config;
        const RootPlan *root = &build->plan->layers;

        if (config->read_only || config->volatile_mode == VOLATILE_STATE)
                return true;
        if (root->has_only_usr || root->upper != UPPER_NONE)
                return false;
        if (!root->is_overlay)
                return build->facts->root.is_read_only;

        plan_notice(build, "With --layer= alone the root is read-only (--upper=, --ephemeral or "
                           "--volatile=overlay say where changes go)");
        return true;
}

int plan_build_root(const PlanBuild *build) {
        const RootFacts *facts = &build->facts->root;
        RootPlan *root = &build->plan->layers;
        int r;

        if (build->config->volatile_mode == VOLATILE_YES && facts->has_own_bin)
                return plan_fail(build, -EINVAL,
                                "--volatile=yes needs a tree with all its programs in /usr, and "
                                "'%s' has a folder /bin (--volatile=overlay works)",
                                facts->path);

        choose_copy(build);
        choose_pivot(build);
        r = choose_upper(build);
        if (r < 0)
                return r;

        choose_overlay(build);
        if (root->has_only_usr)
                root->memory_options = "mode=0755,size=25%,nr_inodes=1m";
        else if (root->upper == UPPER_MEMORY || root->upper == UPPER_ONE_BOOT)
                root->memory_options = "mode=0700,size=25%,nr_inodes=1m";
        build->plan->is_root_read_only = is_read_only(build);
        return 0;
}
