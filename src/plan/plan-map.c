/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who in the payload owns the files of a mount that comes from outside the tree.
 *
 * Under a user namespace the host's ids are nobody inside, so a bind is of little use as it is. But
 * what the payload's root may do with files as their owner, it does with the rights of that owner,
 * and what it leaves there (set-user-id files, scripts) the host's users may run. So unless the
 * user says whose ids are whose:
 *
 *   - files of the host's root are never mapped, neither to write nor to read: /etc and /home stay
 *     what they are to everybody, whoever binds them
 *   - the source's owner, if that is anybody else, is the payload's root in it, and so is its
 *     group. Others in the payload keep their own ids there. Where the group is the host's root's,
 *     nobody in the payload has it, and the kernel lets nobody write to the folder
 *   - the ids for files that belong to nobody (the foreign ones) are the payload's, one by one
 *   - an overlay is mapped like the tree: its upper is made for the payload
 *
 * Called as systemd-nspawn nothing of this holds: there nobody is mapped without a word.
 */

#include <errno.h>
#include <sys/stat.h>

#include "base/macro.h"
#include "plan/build.h"

static const uint32_t FOREIGN_BASE = 0x7FFE0000;

static uint32_t range_start(uint32_t id) {
        return id & ~(uint32_t)(ID_RANGE_SIZE - 1);
}

/* Whether MAP makes somebody in the payload the host's root. */
static bool has_hosts_root(const IdMap *map) {
        for (size_t i = 0; map && i < map->n_users; i++)
                if (map->users[i].inside == 0)
                        return true;

        return false;
}

/* What a payload can leave for users of the host to run. Without a boundary that has been said. */
static void
tell_about_exposure(const PlanBuild *build, const SourceFacts *source, const IdMap *map) {
        if (source->is_exposed && build->plan->ids.is_boundary && has_hosts_root(map))
                plan_notice(build,
                                "Other users of this host can reach '%s': the payload can leave "
                                "set-user-id files there for them (chmod 700 its parent)",
                                source->real_path);
}

static const IdMap *keep_map(const PlanBuild *build, IdMap map) {
        IdMap *kept = arena_allocate(&build->plan->arena, sizeof *kept);

        *kept = map;
        return kept;
}

static bool is_payloads(const PlanBuild *build, uint32_t id) {
        const IdPlan *ids = &build->plan->ids;

        return id_ranges_have_outside(ids->ranges, ids->n_ranges, id, 1);
}

/* The payload's id 0 is DISK_BASE on disk, and so on; NULL if that leads beyond all ids. */
static const IdMap *map_from_base(const PlanBuild *build, uint32_t disk_base) {
        IdPlan ids = build->plan->ids;

        for (size_t i = 0; i < ids.n_ranges; i++)
                if ((uint64_t)disk_base + ids.ranges[i].inside + ids.ranges[i].count > UINT32_MAX)
                        return NULL;

        ids.disk_base = disk_base;
        return keep_map(build, plan_owner_map(&ids, &build->plan->arena));
}

/* The owner of SOURCE is the payload's root. */
static const IdMap *map_owner(const PlanBuild *build, const SourceFacts *source) {
        const uint32_t root_id = build->plan->ids.root_id;
        IdRange *lines = arena_allocate(&build->plan->arena, 2 * sizeof *lines);

        lines[0] = (IdRange){ .inside = source->uid, .outside = root_id, .count = 1 };
        lines[1] = (IdRange){ .inside = source->gid, .outside = root_id, .count = 1 };
        return keep_map(build, (IdMap){ &lines[0], 1, &lines[1], 1 });
}

/* Lines for the default: OWNER on disk is the payload's root, the payload's others are themselves.
 * The host's root never is; then the payload's root is itself as well, which is no map at all. */
static size_t owner_lines(const PlanBuild *build, uint32_t owner, const IdRange **ret_lines) {
        const IdPlan *ids = &build->plan->ids;
        IdRange *lines = arena_allocate(&build->plan->arena, (ids->n_ranges + 1) * sizeof *lines);
        bool is_mapped = owner != 0 && !is_payloads(build, owner);
        size_t n = 0;

        if (!ids->has_namespace)
                lines[n++] = (IdRange){ .count = UINT32_MAX };
        if (is_mapped)
                lines[n++] = (IdRange){ .inside = owner, .outside = ids->root_id, .count = 1 };
        for (size_t i = 0; i < ids->n_ranges; i++) {
                /* The first line begins with root. */
                uint32_t skip = is_mapped && i == 0;

                if (ids->ranges[i].count == skip)
                        continue;
                lines[n++] = (IdRange){
                        .inside = ids->ranges[i].outside + skip,
                        .outside = ids->ranges[i].outside + skip,
                        .count = ids->ranges[i].count - skip,
                };
        }

        *ret_lines = lines;
        return n;
}

/* Says so if what is meant to be written cannot be. */
static void
tell_about_root(const PlanBuild *build, const MountSpec *spec, const SourceFacts *source) {
        bool is_for_all = source->mode & S_IWOTH && source->uid == 0 && source->gid == 0;

        if (spec->is_read_only || is_for_all || (!S_ISDIR(source->mode) && !S_ISREG(source->mode)))
                return;

        if (source->uid == 0)
                plan_notice(build,
                                "'%s' belongs to the host's root, so the payload may do there only "
                                "what everybody may (--bind=%s:%s:rootidmap makes it its own)",
                                source->real_path, spec->sources->path, spec->target);
        else if (source->gid == 0)
                plan_notice(build,
                                "'%s' belongs to the group of the host's root, so the payload "
                                "cannot write there (chgrp it, or --bind=%s:%s:rootidmap)",
                                source->real_path, spec->sources->path, spec->target);
}

static const IdMap *
default_map(const PlanBuild *build, const MountSpec *spec, const SourceFacts *source) {
        IdMap map;

        if (build->config->as_nspawn || !build->plan->ids.has_namespace || S_ISCHR(source->mode) ||
                        S_ISBLK(source->mode))
                return NULL;

        if (is_payloads(build, source->uid))
                return NULL;

        tell_about_root(build, spec, source);
        if (source->uid == 0)
                return NULL;
        if (range_start(source->uid) == FOREIGN_BASE)
                return map_from_base(build, FOREIGN_BASE);

        map.n_users = owner_lines(build, source->uid, &map.users);
        map.n_groups = owner_lines(build, source->gid, &map.groups);
        return keep_map(build, map);
}

/* One line of map=, cut where the payload's ids do not follow each other on the host. */
static int
add_user_lines(const PlanBuild *build, const IdRange *range, IdRange *lines, size_t *n_lines) {
        uint32_t done = 0;

        while (done < range->count) {
                const IdPlan *ids = &build->plan->ids;
                uint32_t rest = range->count - done, inside = range->inside + done, outside;

                if (!plan_id_on_host(ids, inside, &outside))
                        return plan_fail(build, -EINVAL, "map=%u:%u:%u: the payload has no id %u",
                                        range->inside, range->outside, range->count, inside);
                for (size_t i = 0; i < ids->n_ranges; i++)
                        if (inside >= ids->ranges[i].inside &&
                                        inside - ids->ranges[i].inside < ids->ranges[i].count)
                                rest = MIN_OF(rest,
                                                ids->ranges[i].count -
                                                                (inside - ids->ranges[i].inside));
                lines[(*n_lines)++] = (IdRange){
                        .inside = range->outside + done,
                        .outside = outside,
                        .count = rest,
                };
                done += rest;
        }

        return 0;
}

static int user_lines(const PlanBuild *build,
                const IdRangeList *list,
                const IdRange **ret_lines,
                size_t *ret_n_lines) {
        size_t n_lines = 0, n_max = list->n_items * (build->plan->ids.n_ranges + 1);
        IdRange *lines = arena_allocate(&build->plan->arena, n_max * sizeof *lines);
        char text[ID_RANGES_TEXT_SIZE];

        /* The kernel takes no map of users alone. */
        if (list->n_items == 0) {
                *ret_n_lines = owner_lines(build, 0, ret_lines);
                return 0;
        }

        for (size_t i = 0; i < list->n_items; i++) {
                int r = add_user_lines(build, &list->items[i], lines, &n_lines);

                if (r < 0)
                        return r;
        }
        if (id_ranges_to_text(lines, n_lines, text) < 0)
                return plan_fail(build, -E2BIG, "map= has more ranges than the kernel takes");

        *ret_lines = lines;
        *ret_n_lines = n_lines;
        return 0;
}

static int map_ranges(const PlanBuild *build, const MountSpec *spec, const IdMap **ret_map) {
        IdMap map;
        int r;

        r = user_lines(build, &spec->users, &map.users, &map.n_users);
        if (r >= 0)
                r = user_lines(build, &spec->groups, &map.groups, &map.n_groups);
        if (r >= 0)
                *ret_map = keep_map(build, map);
        return r;
}

/* What the word of SPEC says. */
static int choose_map(const PlanBuild *build,
                const MountSpec *spec,
                const SourceFacts *source,
                const IdMap **ret_map,
                unsigned *ret_flags) {
        switch (spec->map) {
        case SPEC_MAP_NONE:
                break;
        case SPEC_MAP_SAME:
                if (build->plan->ids.has_namespace)
                        *ret_map = map_from_base(build, 0);
                break;
        case SPEC_MAP_ROOT:
                *ret_map = map_owner(build, source);
                break;
        case SPEC_MAP_OWNER:
                *ret_map = map_owner(build, source);
                *ret_flags = MOUNT_MAP_IS_TARGET;
                break;
        case SPEC_MAP_RANGES:
                return map_ranges(build, spec, ret_map);
        case SPEC_MAP_DEFAULT:
        case SPEC_MAP_MAX:
                *ret_map = default_map(build, spec, source);
                *ret_flags = *ret_map ? MOUNT_MAP_IS_OPTIONAL : 0;
                break;
        }

        return 0;
}

int plan_map_bind(const PlanBuild *build,
                const MountSpec *spec,
                const SourceFacts *source,
                const IdMap **ret_map,
                unsigned *ret_flags) {
        int r;

        *ret_map = NULL;
        *ret_flags = 0;
        r = choose_map(build, spec, source, ret_map, ret_flags);
        if (r >= 0 && !spec->is_read_only && !build->config->as_nspawn)
                tell_about_exposure(build, source, *ret_map);
        return r;
}

const IdMap *plan_map_layer(const PlanBuild *build, const SourceFacts *source) {
        const IdPlan *ids = &build->plan->ids;

        if (build->config->as_nspawn || !ids->has_namespace || is_payloads(build, source->uid))
                return NULL;
        /* --private-users-ownership=off: nothing is mapped. */
        if (ids->owners == OWNERS_AS_THEY_ARE && !is_payloads(build, build->facts->root.owner_uid))
                return NULL;

        return map_from_base(build, range_start(source->uid));
}

const IdMap *plan_map_upper(const PlanBuild *build, const SourceFacts *source) {
        const IdMap *map = plan_map_layer(build, source);

        tell_about_exposure(build, source, map);
        return map;
}
