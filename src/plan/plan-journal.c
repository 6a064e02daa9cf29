/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where the payload's journal is kept. With the host, its folder there is mounted over the tree's;
 * in the tree, the host's folder is a link to that. Both let journalctl on the host read it along
 * with the host's own, whose files are named by another machine id.
 */

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "base/parse.h"
#include "base/text.h"
#include "plan/build.h"

#define JOURNALS "/var/log/journal"

typedef struct {
        LinkJournal mode;
        bool is_try;      /* what cannot be done is left out */
        const char *path; /* the same on the host and inside */
        const char *id;
} Journal;

/* 0 if it was only tried. */
static int refuse(const PlanBuild *build, const Journal *journal, int r, const char *reason) {
        if (!journal->is_try)
                return plan_fail(build, r, "--link-journal=%s: %s",
                                link_journal_names[journal->mode], reason);

        notes_add(build->notes, &build->plan->arena, LOG_DEBUG, "--link-journal=%s: %s, ignoring",
                        link_journal_names[journal->mode], reason);
        return 0;
}

/* Root, and the group whose members may read journals, are mapped; nobody else is, so that nobody
 * else's files can be made there. */
static const IdMap *map_owners(const PlanBuild *build, uint32_t owner, uint32_t group) {
        const IdPlan *ids = &build->plan->ids;
        uint32_t group_inside = build->facts->journal.group, group_outside;
        Arena *arena = &build->plan->arena;
        IdRange *lines = arena_allocate(arena, 3 * sizeof *lines);
        IdMap *map = arena_allocate(arena, sizeof *map);

        if (!ids->has_namespace)
                return NULL;

        lines[0] = (IdRange){ .inside = owner, .outside = ids->root_id, .count = 1 };
        lines[1] = (IdRange){ .inside = 0, .outside = ids->root_id, .count = 1 };
        *map = (IdMap){ &lines[0], 1, &lines[1], 1 };
        if (group != 0 && group_inside != 0 &&
                        id_ranges_to_outside(
                                        ids->ranges, ids->n_ranges, group_inside, &group_outside)) {
                lines[2] = (IdRange){ .inside = group, .outside = group_outside, .count = 1 };
                map->n_groups = 2;
        }

        return map;
}

static void mount_folder(const PlanBuild *build, const Journal *journal, const MountStep *source) {
        MountStep step = *source;

        step.kind = MOUNT_BIND_SOURCE;
        step.made_by = MADE_BY_MANAGER_LATE;
        step.source = journal->path;
        step.target = journal->path;
        step.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
        step.flags = journal->is_try ? MOUNT_MAP_IS_OPTIONAL : 0;
        plan_add_mount(build->plan, &step);
}

static void mount_if_there(const PlanBuild *build, const Journal *journal) {
        MountStep step = { 0 };
        const SourceFacts *folder;

        if (!build->facts->journal.has_folder)
                return;

        folder = plan_find_source(build, journal->path, &step.source_index);
        if (folder->error < 0)
                return;
        step.map = map_owners(build, folder->uid, folder->gid);
        mount_folder(build, journal, &step);
}

static void mount_made(const PlanBuild *build,
                const Journal *journal,
                const SourceFacts *journals,
                size_t journals_index) {
        const FolderStep folder = {
                .path = journal->path,
                .parent_index = journals_index,
                .name = journal->id,
                .group = journals->gid,
                .mode = 0755,
                .is_kept = true,
        };
        const MountStep step = {
                .source_index = plan_add_folder(build, &folder),
                .map = map_owners(build, 0, journals->gid),
        };

        mount_folder(build, journal, &step);
}

static int link_to_tree(const PlanBuild *build, const Journal *journal, size_t journals_index) {
        static const char *const folders[] = { "/var", "/var/log", JOURNALS };
        Plan *plan = build->plan;

        if (plan->is_root_read_only)
                return refuse(build, journal, -EROFS, "the tree is read-only");
        if (plan->layers.is_overlay || plan->layers.has_only_usr)
                return refuse(build, journal, -EROFS, "what is written does not get into the tree");
        /* The host's link would lead to wherever the tree's leads. */
        if (build->facts->journal.is_behind_link)
                return refuse(build, journal, -ELOOP, "the tree's '" JOURNALS "' is behind a link");

        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                plan_add_base_file(plan, &(FileStep){
                                                         .kind = FILE_DIRECTORY,
                                                         .path = folders[i],
                                                         .mode = 0755,
                                         });
        plan_add_base_file(plan, &(FileStep){
                                                 .kind = FILE_DIRECTORY,
                                                 .path = journal->path,
                                                 .mode = 0755,
                                 });
        (void)plan_add_folder(build, &(FolderStep){
                                                     .path = journal->path,
                                                     .parent_index = journals_index,
                                                     .name = journal->id,
                                                     .is_kept = true,
                                                     .link = arena_printf(&plan->arena, "%s%s",
                                                                     plan->root, journal->path),
                                     });
        return 0;
}

int plan_build_journal(const PlanBuild *build) {
        const JournalFacts *facts = &build->facts->journal;
        Journal journal = { .mode = build->config->integration.link_journal };
        const SourceFacts *journals;
        size_t journals_index;
        char id[33];

        /* A copy's journal goes with the copy. */
        if (journal.mode == LINK_JOURNAL_NO || build->config->ephemeral != EPHEMERAL_NO)
                return 0;
        if (journal.mode == LINK_JOURNAL_AUTO && !facts->has_folder)
                return 0;

        uuid_to_hex(build->plan->uuid, id);
        journal.is_try = journal.mode != LINK_JOURNAL_HOST && journal.mode != LINK_JOURNAL_GUEST;
        journal.id = arena_copy(&build->plan->arena, id);
        journal.path = arena_printf(&build->plan->arena, JOURNALS "/%s", id);

        if (text_equal(facts->host_machine_id, id))
                return refuse(build, &journal, -EEXIST,
                                "host and payload have the same machine id");
        if (journal.mode == LINK_JOURNAL_AUTO) {
                mount_if_there(build, &journal);
                return 0;
        }

        journals = plan_find_source(build, JOURNALS, &journals_index);
        if (journals->error < 0)
                return refuse(build, &journal, journals->error,
                                "the host has no '" JOURNALS "', it keeps its journal in memory");
        if (journal.mode == LINK_JOURNAL_GUEST || journal.mode == LINK_JOURNAL_TRY_GUEST)
                return link_to_tree(build, &journal, journals_index);

        mount_made(build, &journal, journals, journals_index);
        return 0;
}
