/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "config/value.h"
#include "plan/build.h"

static int choose_uuid(const PlanBuild *build) {
        const Facts *facts = build->facts;

        /* The tree wins: its services and journals are filed under that id already. */
        if (facts->root.machine_id && parse_uuid(facts->root.machine_id, build->plan->uuid) >= 0)
                return 0;

        memcpy(build->plan->uuid,
                        build->config->uuid.is_set ? build->config->uuid.bytes : facts->random_uuid,
                        sizeof build->plan->uuid);
        return 0;
}

/* Many copies of one tree run at once: each has a name of its own. */
static const char *choose_name(const PlanBuild *build) {
        enum { NAME_LENGTH_MAX = 64, SUFFIX_LENGTH = 1 + 16 };
        const Config *config = build->config;
        Arena *arena = &build->plan->arena;
        const char *name;

        name = arena_copy(arena, config_machine_name(config, arena, build->facts->root.name));
        if (config->machine || config->ephemeral == EPHEMERAL_NO || name[0] == '\0')
                return name;

        name = hostname_clean(
                        arena, arena_printf(arena, "%.*s", NAME_LENGTH_MAX - SUFFIX_LENGTH, name));
        return arena_printf(arena, "%s-%s", name, build->facts->random_suffix);
}

int plan_build_identity(const PlanBuild *build) {
        const Config *config = build->config;
        Plan *plan = build->plan;

        plan->name = choose_name(build);
        if (plan->name[0] == '\0')
                return plan_fail(build, -EINVAL,
                                "No machine name can be made of '%s' (choose one with --machine=)",
                                build->facts->root.path);

        plan->hostname = arena_copy(&plan->arena, config->hostname ?: plan->name);
        plan->service = arena_copy(&plan->arena,
                        build->facts->environment.service
                                        ?: (config->as_nspawn ? "systemd-nspawn" : "boot-tree"));
        return choose_uuid(build);
}
