/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How the payload finds name servers. By default it has to see what the host uses only while it
 * shares the host's network, and the tree stays as it is: a copy in /run/host covers its file.
 * systemd-nspawn writes into the tree instead.
 */

#include "plan/place-file.h"

#define PATH "/etc/resolv.conf"

typedef enum {
        WAY_NONE,
        WAY_COVER,
        WAY_COPY,
        WAY_REPLACE,
        WAY_BIND,
        WAY_DELETE,
} Way;

static bool has(const Facts *facts, ResolvSource source) {
        return facts->resolv_confs[source].name != NULL;
}

static Way choose_automatically(const PlanBuild *build, ResolvSource *source) {
        const Facts *facts = build->facts;

        if (build->plan->has_private_network)
                return WAY_NONE;

        *source = RESOLV_SOURCE_HOST;
        if (build->config->as_nspawn) {
                if (facts->has_resolved_stub && has(facts, RESOLV_SOURCE_STUB))
                        *source = RESOLV_SOURCE_STUB;
                if (build->plan->is_root_read_only)
                        return has(facts, *source) ? WAY_BIND : WAY_NONE;
                return has(facts, *source) ? WAY_COPY : WAY_DELETE;
        }

        if (!has(facts, *source) || facts->root.resolv_conf == ENTRY_OTHER)
                return WAY_NONE;
        if (facts->root.resolv_conf == ENTRY_MISSING && build->plan->is_root_read_only)
                return WAY_NONE;
        return WAY_COVER;
}

static Way choose(const PlanBuild *build, ResolvSource *source) {
        ResolvConfMode mode = build->config->integration.resolv_conf;

        if (mode == RESOLV_CONF_AUTO)
                return choose_automatically(build, source);
        if (mode == RESOLV_CONF_OFF)
                return WAY_NONE;
        if (mode == RESOLV_CONF_DELETE)
                return WAY_DELETE;

        *source = (ResolvSource)((mode - RESOLV_CONF_COPY) % RESOLV_SOURCE_MAX);
        if (mode >= RESOLV_CONF_BIND)
                return WAY_BIND;
        return mode >= RESOLV_CONF_REPLACE ? WAY_REPLACE : WAY_COPY;
}

/* A tree that is not to be written to: what still can be done. */
static Way soften(const PlanBuild *build, Way way) {
        if (!build->plan->is_root_read_only)
                return way;
        if (way == WAY_COPY || way == WAY_REPLACE)
                return WAY_BIND;
        if (way == WAY_DELETE) {
                plan_warning(build, "The tree is read-only and keeps its '%s', ignoring", PATH);
                return WAY_NONE;
        }

        return way;
}

int plan_build_resolv_conf(const PlanBuild *build) {
        ResolvSource source = RESOLV_SOURCE_HOST;
        Way way = soften(build, choose(build, &source));
        const HostFile *file = &build->facts->resolv_confs[source];
        EntryKind there = build->facts->root.resolv_conf;
        Plan *plan = build->plan;

        if (way != WAY_NONE && way != WAY_DELETE && !file->name) {
                plan_warning(build, "The host has no file for --resolv-conf=%s, ignoring",
                                resolv_conf_names[build->config->integration.resolv_conf]);
                return 0;
        }

        switch (way) {
        case WAY_NONE:
                break;
        case WAY_COVER:
                place_cover(plan, PATH, there,
                                &(FileStep){
                                                .kind = FILE_DATA,
                                                .path = "/run/host/resolv.conf",
                                                .content = arena_copy_n(&plan->arena, file->data,
                                                                file->size),
                                                .size = file->size,
                                                .mode = 0444,
                                });
                break;
        case WAY_COPY:
                /* Whoever made a link there manages what it leads to. */
                if (there != ENTRY_LINK)
                        place_copy(plan, file, PATH, FILE_REPLACES_FILE);
                break;
        case WAY_REPLACE:
                place_copy(plan, file, PATH, FILE_REPLACES_ALL);
                break;
        case WAY_BIND:
                place_bind(build, file->name, PATH, there);
                break;
        case WAY_DELETE:
                place_nothing(plan, PATH);
                break;
        }

        return 0;
}
