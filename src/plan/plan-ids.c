/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whose ids are whose.
 *
 * Two maps come out of this: the user namespace (ids inside to ids on the host), and the owners of
 * the tree's files (ids on disk to ids on the host), which an idmapped mount or, where the file
 * system cannot do that, a change of owner on disk brings in line.
 */

#include <errno.h>
#include <string.h>

#include "plan/build.h"

/* Trees that belong to nobody in particular carry these ids on disk, see systemd's uid ranges. */
static const uint32_t FOREIGN_BASE = 0x7FFE0000;

static uint32_t range_start(uint32_t id) {
        return id & ~(uint32_t)(ID_RANGE_SIZE - 1);
}

/* Takes N_RANGES lines, and behind them one line for each range to hand on. */
static int set_ranges(const PlanBuild *build, const IdRange *ranges, size_t n_ranges) {
        const Facts *facts = build->facts;
        IdPlan *ids = &build->plan->ids;

        ids->ranges = arena_allocate(
                        &build->plan->arena, (n_ranges + facts->n_delegated) * sizeof *ids->ranges);
        memcpy(ids->ranges, ranges, n_ranges * sizeof *ranges);
        for (unsigned i = 0; i < facts->n_delegated; i++)
                /* The same number on both sides: containers in the container find their ranges
                 * where all containers look for them. */
                ids->ranges[n_ranges++] = (IdRange){
                        .inside = facts->delegated_bases[i],
                        .outside = facts->delegated_bases[i],
                        .count = ID_RANGE_SIZE,
                };

        ids->has_namespace = true;
        ids->n_ranges = n_ranges;
        ids->root_id = ranges[0].outside;
        ids->is_boundary = true;
        for (size_t i = 0; i < n_ranges; i++)
                /* Below are the host's root and its real users. */
                if (ids->ranges[i].outside < ID_RANGE_SIZE)
                        ids->is_boundary = false;
        return 0;
}

static int set_range(const PlanBuild *build, uint32_t base) {
        return set_ranges(build, &(IdRange){ .outside = base, .count = ID_RANGE_SIZE }, 1);
}

/* A range to hand on may not be in one that the user has chosen. */
static int check_delegation(const PlanBuild *build) {
        const IdPlan *ids = &build->plan->ids;
        unsigned n_wanted = build->config->users_delegate, n_found = build->facts->n_delegated;
        const char *hint = build->facts->has_all_ids ? ""
                                                     : " (the machine around has to delegate more)";
        char text[ID_RANGES_TEXT_SIZE];

        if (n_found < n_wanted)
                return plan_fail(build, -EBUSY,
                                "Only %u free ranges were found for --private-users-delegate=%u%s",
                                n_found, n_wanted, hint);
        if (n_found == 0 && build->config->privileges.nesting)
                plan_notice(build,
                                "No free range of ids was found for --nesting: containers inside "
                                "will have none of their own%s",
                                hint);
        if (n_found == 0)
                return 0;

        for (size_t i = 0; i < ids->n_ranges; i++)
                for (size_t j = 0; j < i; j++)
                        if (id_range_overlaps(&ids->ranges[i], &ids->ranges[j]))
                                return plan_fail(build, -EINVAL,
                                                "The range for containers in the container at %u "
                                                "overlaps one of --private-users=",
                                                ids->ranges[i].outside);
        if (id_ranges_to_text(ids->ranges, ids->n_ranges, text) < 0)
                return plan_fail(build, -EINVAL,
                                "--private-users= and --private-users-delegate= together have more "
                                "ranges than the kernel takes");

        return 0;
}

static int range_from_owner(const PlanBuild *build) {
        const RootFacts *root = &build->facts->root;

        if (range_start(root->owner_uid) != range_start(root->owner_gid))
                return plan_fail(build, -EINVAL,
                                "User %u and group %u own '%s', so --private-users=yes cannot "
                                "tell the range (use --private-users=pick)",
                                root->owner_uid, root->owner_gid, root->path);
        if (range_start(root->owner_uid) == 0)
                return plan_fail(build, -EINVAL,
                                "Host ids own '%s', so --private-users=yes would be no boundary "
                                "(use --private-users=pick)",
                                root->path);
        if (range_start(root->owner_uid) == FOREIGN_BASE)
                return plan_fail(build, -EINVAL,
                                "'%s' belongs to the foreign ids, which nothing may run as (use "
                                "--private-users=pick)",
                                root->path);

        return set_range(build, range_start(root->owner_uid));
}

static UsersMode users_mode(const PlanBuild *build) {
        const Config *config = build->config;

        if (config->private_users.mode == USERS_PICK_IF_POSSIBLE)
                /* For scripts that were made for any kernel. Ours is a boundary, or an error. */
                return config->as_nspawn && !build->facts->is_user_namespace_supported ? USERS_NO
                                                                                       : USERS_PICK;
        if (config->private_users.mode != USERS_DEFAULT)
                return config->private_users.mode;

        return config->as_nspawn ? USERS_NO : USERS_PICK;
}

static int choose_range(const PlanBuild *build) {
        const Config *config = build->config;

        switch (users_mode(build)) {
        case USERS_NO:
                return 0;
        case USERS_YES:
                return range_from_owner(build);
        case USERS_IDENTITY:
                return set_range(build, 0);
        case USERS_FIXED:
                return set_ranges(build, config->private_users.ranges,
                                config->private_users.n_ranges);
        case USERS_DEFAULT:
        case USERS_PICK:
        case USERS_PICK_IF_POSSIBLE:
        case USERS_MODE_MAX:
                break;
        }

        if (build->facts->picked_base == 0)
                return plan_fail(build, -EBUSY,
                                "No free range of 65536 ids was found for '%s' (%s)",
                                build->plan->name,
                                build->facts->has_all_ids ? "name one with --private-users=BASE"
                                                          : "run the machine around with "
                                                            "--private-users-delegate=");
        return set_range(build, build->facts->picked_base);
}

/* Whether ID is one of the payload's own on the host. */
static bool is_in_range(const IdPlan *ids, uint32_t id) {
        return id >= ids->root_id && id - ids->root_id < ids->ranges[0].count;
}

static void map_owners(IdPlan *ids, OwnersPlan owners, uint32_t disk_base) {
        ids->owners = disk_base == ids->root_id ? OWNERS_AS_THEY_ARE : owners;
        ids->disk_base = disk_base;
}

static Ownership ownership_mode(const PlanBuild *build) {
        UsersMode mode = users_mode(build);

        if (build->config->ownership != OWNERSHIP_DEFAULT)
                return build->config->ownership;
        if (mode == USERS_PICK || (mode == USERS_FIXED && !build->config->as_nspawn))
                return OWNERSHIP_AUTO;

        return OWNERSHIP_OFF;
}

/* Besides those for containers in the container. */
static bool has_one_range(const PlanBuild *build) {
        return build->plan->ids.n_ranges == 1 + build->facts->n_delegated;
}

/* A change on disk keeps the lower half of each id: that is one range, of that size. */
static bool can_chown(const PlanBuild *build) {
        const IdPlan *ids = &build->plan->ids;

        return range_start(ids->root_id) == ids->root_id && ids->ranges[0].count == ID_RANGE_SIZE &&
               has_one_range(build);
}

/* Owners on disk are ids too, wherever they begin: PATH's from BASE on. */
static int check_disk_ids(const PlanBuild *build, const char *path, uint32_t base) {
        const IdPlan *ids = &build->plan->ids;

        for (size_t i = 0; i < ids->n_ranges; i++)
                if ((uint64_t)base + ids->ranges[i].inside + ids->ranges[i].count > UINT32_MAX)
                        return plan_fail(build, -ERANGE,
                                        "'%s' has owners from id %u on, so the payload's ids from "
                                        "%u on would be none on disk",
                                        path, base, ids->ranges[i].inside);

        return 0;
}

/* What the payload's id 0 is on disk in a folder that belongs to OWNER. */
static uint32_t disk_base(const PlanBuild *build, uint32_t owner) {
        const IdPlan *ids = &build->plan->ids;

        switch (ownership_mode(build)) {
        case OWNERSHIP_MAP:
                return 0;
        case OWNERSHIP_FOREIGN:
                return FOREIGN_BASE;
        case OWNERSHIP_AUTO:
                /* Owners that were shifted before stay as they are on disk and are mapped. */
                return is_in_range(ids, owner) ? ids->root_id : range_start(owner);
        case OWNERSHIP_DEFAULT:
        case OWNERSHIP_OFF:
        case OWNERSHIP_CHOWN:
        case OWNERSHIP_MAX:
                break;
        }

        return ids->root_id;
}

/* Each layer has owners of its own; what is written above them has those of the topmost. */
static int map_layers(const PlanBuild *build) {
        const RootFacts *root = &build->facts->root;
        RootPlan *plan = &build->plan->layers;
        int r;

        for (size_t i = 0; i < plan->n_layers; i++) {
                LayerPlan *layer = &plan->layers[i];
                uint32_t owner = i == 0 ? root->owner_uid : root->layers[i - 1].owner_uid;

                layer->disk_base = disk_base(build, owner);
                layer->is_mapped = layer->disk_base != build->plan->ids.root_id;
                if (!layer->is_mapped)
                        continue;
                r = check_disk_ids(build, layer->path, layer->disk_base);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* Whether nothing may be changed in the tree. */
static bool is_tree_kept(const PlanBuild *build) {
        const RootPlan *layers = &build->plan->layers;

        return build->plan->is_root_read_only || layers->is_overlay || layers->has_only_usr;
}

static int choose_owners(const PlanBuild *build) {
        const RootFacts *root = &build->facts->root;
        IdPlan *ids = &build->plan->ids;

        switch (ownership_mode(build)) {
        case OWNERSHIP_DEFAULT:
        case OWNERSHIP_OFF:
        case OWNERSHIP_MAX:
                ids->owners = OWNERS_AS_THEY_ARE;
                break;
        case OWNERSHIP_CHOWN:
                if (!has_one_range(build))
                        return plan_fail(build, -EINVAL,
                                        "--private-users-ownership=chown needs one range of ids, "
                                        "not several");
                if (!can_chown(build))
                        return plan_fail(build, -EINVAL,
                                        "--private-users-ownership=chown needs 65536 ids from a "
                                        "multiple of 65536 on, not %u from %u on",
                                        ids->ranges[0].count, ids->root_id);
                ids->owners = is_in_range(ids, root->owner_uid) && is_in_range(ids, root->owner_gid)
                                              ? OWNERS_AS_THEY_ARE
                                              : OWNERS_CHOWN;
                break;
        case OWNERSHIP_MAP:
        case OWNERSHIP_FOREIGN:
                map_owners(ids, OWNERS_MAPPED, disk_base(build, root->owner_uid));
                break;
        case OWNERSHIP_AUTO:
                map_owners(ids,
                                is_tree_kept(build) || !can_chown(build) ? OWNERS_MAPPED
                                                                         : OWNERS_MAPPED_OR_CHOWN,
                                disk_base(build, root->owner_uid));
                break;
        }

        if (ids->owners == OWNERS_MAPPED || ids->owners == OWNERS_MAPPED_OR_CHOWN) {
                int r = check_disk_ids(build, root->path, ids->disk_base);

                if (r < 0)
                        return r;
        }

        return map_layers(build);
}

static void tell_about_boundary(const PlanBuild *build) {
        const IdPlan *ids = &build->plan->ids;
        const RootFacts *root = &build->facts->root;
        const RootPlan *layers = &build->plan->layers;
        bool is_exposed = layers->upper == UPPER_FOLDER ? root->is_upper_exposed
                          : layers->upper == UPPER_NONE ? root->is_exposed
                                                        : false; /* by root alone */

        if (build->config->as_nspawn)
                return; /* Scripts that stand on nspawn's output get nspawn's output. */

        if (!ids->has_namespace)
                plan_notice(build,
                                "Without a user namespace the payload's root is the host's root: "
                                "this is no security boundary");
        else if (!ids->is_boundary)
                plan_notice(build, "The payload's %s: this is no security boundary",
                                ids->root_id == 0 ? "root is mapped to the host's root"
                                                  : "ids are mapped to users of the host");
        /* Owners on disk that are real users of the host: "root" inside is root to them. */
        if (is_exposed && !build->plan->is_root_read_only && !layers->has_only_usr &&
                        (!ids->is_boundary || ids->disk_base == 0) && ids->owners != OWNERS_CHOWN &&
                        !(ids->is_boundary && ids->owners == OWNERS_AS_THEY_ARE))
                plan_notice(build,
                                "Other users of this host can reach '%s': the payload can leave "
                                "set-user-id files there for them (chmod 700 its parent)",
                                layers->upper == UPPER_FOLDER ? root->upper : root->path);
}

int plan_build_ids(const PlanBuild *build) {
        int r;

        if (users_mode(build) != USERS_NO && !build->facts->is_user_namespace_supported)
                return plan_fail(build, -EOPNOTSUPP,
                                "This kernel has no user namespaces (--private-users=no runs "
                                "without one, and without the boundary it is)");

        r = choose_range(build);
        if (r < 0)
                return r;

        if (build->plan->ids.has_namespace) {
                r = check_delegation(build);
                if (r >= 0)
                        r = choose_owners(build);
                if (r < 0)
                        return r;
        }

        tell_about_boundary(build);
        return 0;
}

bool plan_id_on_host(const IdPlan *ids, uint32_t inside, uint32_t *ret_outside) {
        if (ids->has_namespace)
                return id_ranges_to_outside(ids->ranges, ids->n_ranges, inside, ret_outside);

        *ret_outside = inside;
        return true;
}

IdMap plan_owner_map(const IdPlan *ids, Arena *arena) {
        IdRange *ranges = arena_allocate(arena, (ids->n_ranges + 1) * sizeof *ranges);

        for (size_t i = 0; i < ids->n_ranges; i++)
                ranges[i] = (IdRange){
                        .inside = ids->disk_base + ids->ranges[i].inside,
                        .outside = ids->ranges[i].outside,
                        .count = ids->ranges[i].count,
                };
        return id_map_both(ranges, ids->n_ranges);
}
