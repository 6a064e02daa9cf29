/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whose ids are whose.
 *
 * Two maps come out of this: the user namespace (ids inside to ids on the host), and the owners of
 * the tree's files (ids on disk to ids on the host), which an idmapped mount or, where the file
 * system cannot do that, a change of owner on disk brings in line.
 */

#include <errno.h>

#include "plan/build.h"

enum { RANGE_SIZE = 65536 };

/* Trees that belong to nobody in particular carry these ids on disk, see systemd's uid ranges. */
static const uint32_t FOREIGN_BASE = 0x7FFE0000;

static uint32_t range_start(uint32_t id) {
        return id & ~(uint32_t)(RANGE_SIZE - 1);
}

static int set_range(const PlanBuild *build, uint32_t base, uint32_t count) {
        IdPlan *ids = &build->plan->ids;

        ids->has_namespace = true;
        /* Below are the host's root and its real users. */
        ids->is_boundary = base >= RANGE_SIZE;
        ids->root_id = base;
        ids->n_ranges = 1;
        ids->ranges = arena_allocate(&build->plan->arena, sizeof *ids->ranges);
        ids->ranges[0] = (IdRange){ .inside = 0, .outside = base, .count = count };
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

        return set_range(build, range_start(root->owner_uid), RANGE_SIZE);
}

static UsersMode users_mode(const Config *config) {
        if (config->private_users.mode != USERS_DEFAULT)
                return config->private_users.mode;

        return config->as_nspawn ? USERS_NO : USERS_PICK;
}

static int choose_range(const PlanBuild *build) {
        const Config *config = build->config;

        switch (users_mode(config)) {
        case USERS_NO:
                return 0;
        case USERS_YES:
                return range_from_owner(build);
        case USERS_IDENTITY:
                return set_range(build, 0, RANGE_SIZE);
        case USERS_FIXED:
                return set_range(build, config->private_users.base, config->private_users.count);
        case USERS_DEFAULT:
        case USERS_PICK:
        case USERS_MODE_MAX:
                break;
        }

        if (build->facts->picked_base == 0)
                return plan_fail(build, -EBUSY,
                                "No free range of 65536 ids was found for '%s' (name one with "
                                "--private-users=BASE)",
                                build->plan->name);
        return set_range(build, build->facts->picked_base, RANGE_SIZE);
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
        UsersMode mode = users_mode(build->config);

        if (build->config->ownership != OWNERSHIP_DEFAULT)
                return build->config->ownership;
        if (mode == USERS_PICK || (mode == USERS_FIXED && !build->config->as_nspawn))
                return OWNERSHIP_AUTO;

        return OWNERSHIP_OFF;
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
                if (range_start(ids->root_id) != ids->root_id || ids->ranges[0].count != RANGE_SIZE)
                        return plan_fail(build, -EINVAL,
                                        "--private-users-ownership=chown needs 65536 ids from a "
                                        "multiple of 65536 on, not %u from %u on",
                                        ids->ranges[0].count, ids->root_id);
                ids->owners = is_in_range(ids, root->owner_uid) && is_in_range(ids, root->owner_gid)
                                              ? OWNERS_AS_THEY_ARE
                                              : OWNERS_CHOWN;
                break;
        case OWNERSHIP_MAP:
                map_owners(ids, OWNERS_MAPPED, 0);
                break;
        case OWNERSHIP_FOREIGN:
                map_owners(ids, OWNERS_MAPPED, FOREIGN_BASE);
                break;
        case OWNERSHIP_AUTO:
                /* Owners that were shifted before stay as they are on disk and are mapped. */
                map_owners(ids,
                                build->plan->is_root_read_only ||
                                                                range_start(ids->root_id) !=
                                                                                ids->root_id ||
                                                                ids->ranges[0].count != RANGE_SIZE
                                                ? OWNERS_MAPPED
                                                : OWNERS_MAPPED_OR_CHOWN,
                                is_in_range(ids, root->owner_uid) ? ids->root_id
                                                                  : range_start(root->owner_uid));
                break;
        }

        return 0;
}

static void tell_about_boundary(const PlanBuild *build) {
        const IdPlan *ids = &build->plan->ids;
        const RootFacts *root = &build->facts->root;

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
        if (root->is_exposed && !build->plan->is_root_read_only &&
                        (!ids->is_boundary || ids->disk_base == 0) && ids->owners != OWNERS_CHOWN &&
                        !(ids->is_boundary && ids->owners == OWNERS_AS_THEY_ARE))
                plan_notice(build,
                                "Other users of this host can reach '%s': the payload can leave "
                                "set-user-id files there for them (chmod 700 its parent)",
                                root->path);
}

int plan_build_ids(const PlanBuild *build) {
        int r;

        if (users_mode(build->config) != USERS_NO && !build->facts->is_user_namespace_supported)
                return plan_fail(build, -EOPNOTSUPP,
                                "This kernel has no user namespaces (--private-users=no runs "
                                "without one, and without the boundary it is)");

        r = choose_range(build);
        if (r < 0)
                return r;

        if (build->plan->ids.has_namespace) {
                r = choose_owners(build);
                if (r < 0)
                        return r;
        }

        tell_about_boundary(build);
        return 0;
}
