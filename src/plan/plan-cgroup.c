/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/unit-name.h"
#include "plan/build.h"

static CgroupKind choose_kind(const PlanBuild *build) {
        const Facts *facts = build->facts;

        switch (facts->cgroup_host) {
        case CGROUP_HOST_SYSTEMD:
                return build->config->keep_unit ? CGROUP_UNIT : CGROUP_SCOPE;
        case CGROUP_HOST_OWN:
                /* At the root of the hierarchy there is no unit that could be split. */
                return build->config->keep_unit && !text_equal(facts->own_cgroup, "/") ? CGROUP_UNIT
                                                                                       : CGROUP_OWN;
        case CGROUP_HOST_NONE:
        case CGROUP_HOST_MAX:
                break;
        }

        return CGROUP_NONE;
}

int plan_build_cgroup(const PlanBuild *build) {
        const Config *config = build->config;
        Plan *plan = build->plan;
        CgroupPlan *cgroup = &plan->cgroup;

        cgroup->kind = choose_kind(build);
        if (cgroup->kind == CGROUP_SCOPE && !build->facts->has_system_bus)
                return plan_fail(build, -ENOTCONN,
                                "The service manager hands out control groups by the system bus, "
                                "and there is none (install dbus, or use --keep-unit "
                                "--register=no)");
        cgroup->properties = &config->properties;
        if (cgroup->kind == CGROUP_SCOPE) {
                cgroup->unit = arena_printf(&plan->arena, "machine-%s.scope",
                                unit_name_escape(&plan->arena, plan->name));
                if (strlen(cgroup->unit) > UNIT_NAME_MAX)
                        return plan_fail(build, -ENAMETOOLONG,
                                        "The machine name '%s' makes too long a unit name "
                                        "(choose another with --machine=)",
                                        plan->name);
                cgroup->slice = arena_copy(&plan->arena, config->slice ?: "machine.slice");
        } else if (config->slice || config->properties.n_items > 0)
                plan_notice(build,
                                "No scope is made here: --slice= and --property= have no effect");

        if (cgroup->kind == CGROUP_NONE)
                plan_notice(build,
                                "No control group can be made for '%s', it shares ours: an init "
                                "like systemd will not come up",
                                plan->name);

        if (config->register_mode == REGISTER_YES && !build->facts->has_system_bus)
                return plan_fail(build, -ENOTCONN,
                                "--register=yes needs systemd-machined, and there is no system bus "
                                "here");
        /* What machined does to a machine it does to all processes that it sees there. */
        plan->register_mode = build->facts->has_system_bus && plan->has_pid_namespace &&
                                                              plan->has_uts_namespace
                                              ? config->register_mode
                                              : REGISTER_NO;
        return 0;
}
