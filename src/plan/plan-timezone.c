/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The payload lives in the host's time zone. By default the tree stays as it is: a link or a copy
 * in /run/host covers its /etc/localtime, unless that says the same already. Where it has none,
 * it stays in UTC. systemd-nspawn writes into the tree instead.
 */

#include <string.h>

#include "base/text.h"
#include "plan/place-file.h"

#define PATH  "/etc/localtime"
#define ZONES "/usr/share/zoneinfo/"

static bool is_utc(const char *timezone) {
        static const char *const names[] = { "UTC", "Etc/UTC", "UCT", "Etc/UCT", "Zulu", "Etc/Zulu",
                "Universal", "Etc/Universal" };

        for (size_t i = 0; timezone && i < ELEMENTSOF(names); i++)
                if (text_equal(timezone, names[i]))
                        return true;

        return false;
}

bool facts_have_one_timezone(const Facts *facts) {
        const RootFacts *root = &facts->root;
        bool is_host_utc = facts->localtime.name ? is_utc(facts->timezone) : true;
        bool is_root_utc = root->localtime == ENTRY_MISSING || is_utc(root->timezone);

        return (facts->timezone && text_equal(facts->timezone, root->timezone)) ||
               (is_host_utc && is_root_utc);
}

/* Decides what "auto" is; OFF if nothing has to be done. */
static TimezoneMode choose_as_nspawn(const PlanBuild *build) {
        const Facts *facts = build->facts;

        if (build->plan->is_root_read_only)
                return facts->localtime.name && facts->root.localtime != ENTRY_MISSING
                                       ? TIMEZONE_BIND
                                       : TIMEZONE_OFF;
        if (!facts->localtime.name)
                return TIMEZONE_DELETE;
        return facts->timezone ? TIMEZONE_SYMLINK : TIMEZONE_COPY;
}

/* What can be done at all: each way to set a zone then has what it needs. */
static TimezoneMode soften(const PlanBuild *build, TimezoneMode mode) {
        const Facts *facts = build->facts;
        bool is_read_only = build->plan->is_root_read_only;

        if (mode == TIMEZONE_AUTO)
                return mode;
        if (mode == TIMEZONE_DELETE && is_read_only) {
                plan_warning(build, "The tree is read-only and keeps its '%s', ignoring", PATH);
                return TIMEZONE_OFF;
        }
        if (mode == TIMEZONE_OFF || mode == TIMEZONE_DELETE)
                return mode;
        if (!facts->localtime.name) {
                plan_warning(build, "The host has no '%s' for --timezone=%s, ignoring", PATH,
                                timezone_names[mode]);
                return TIMEZONE_OFF;
        }
        if (mode == TIMEZONE_SYMLINK && text_equal(facts->timezone, facts->root.timezone))
                return TIMEZONE_OFF;
        if (is_read_only || (mode == TIMEZONE_SYMLINK && !facts->root.has_host_timezone))
                return TIMEZONE_BIND;

        return mode;
}

static void cover(const PlanBuild *build) {
        const Facts *facts = build->facts;
        Plan *plan = build->plan;
        FileStep copy = { .kind = FILE_DATA, .path = "/run/host/localtime", .mode = 0444 };

        if (!facts->localtime.name || facts->root.localtime == ENTRY_MISSING ||
                        facts->root.localtime == ENTRY_OTHER || facts_have_one_timezone(facts))
                return;

        /* A link also tells the zone's name. But not all inits can unmount one, which they try when
         * they shut down (util-linux before 2.41), and they would say that they failed. */
        if (facts->timezone && facts->root.has_host_timezone &&
                        plan->process.kind != PROCESS_BOOT) {
                copy.kind = FILE_LINK;
                copy.content = arena_printf(&plan->arena, ZONES "%s", facts->timezone);
        } else {
                copy.content = arena_copy_n(
                                &plan->arena, facts->localtime.data, facts->localtime.size);
                copy.size = facts->localtime.size;
        }
        place_cover(plan, PATH, facts->root.localtime, &copy);
}

int plan_build_timezone(const PlanBuild *build) {
        const Facts *facts = build->facts;
        TimezoneMode mode = build->config->integration.timezone;
        Plan *plan = build->plan;

        if (mode == TIMEZONE_AUTO && build->config->as_nspawn)
                mode = choose_as_nspawn(build);

        switch (soften(build, mode)) {
        case TIMEZONE_AUTO:
                cover(build);
                break;
        case TIMEZONE_COPY:
                place_copy(plan, &facts->localtime, PATH, FILE_REPLACES_ALL);
                break;
        case TIMEZONE_BIND:
                place_bind(build, facts->localtime.name, PATH, facts->root.localtime);
                break;
        case TIMEZONE_SYMLINK:
                place_link(plan, arena_printf(&plan->arena, ".." ZONES "%s", facts->timezone),
                                PATH);
                break;
        case TIMEZONE_DELETE:
                place_nothing(plan, PATH);
                break;
        case TIMEZONE_OFF:
        case TIMEZONE_MAX:
                break;
        }

        return 0;
}
