/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which namespaces there are, besides those of users and time.
 *
 * Variables made for systemd-nspawn that open the container count only under its name: who starts
 * boot-tree must not get less of a container because of a variable for another program.
 */

#include <errno.h>

#include "plan/build.h"

static int check_sharing(const PlanBuild *build) {
        const Plan *plan = build->plan;
        StartMode mode = build->config->start_mode;

        if (plan->has_pid_namespace && plan->has_uts_namespace)
                return 0;

        if (mode == START_BOOT || mode == START_AS_PID2)
                return plan_fail(build, -EINVAL,
                                "--%s needs PID and UTS namespaces (unset "
                                "SYSTEMD_NSPAWN_SHARE_NS_PID, _UTS and SHARE_SYSTEM)",
                                start_mode_names[mode]);
        if (plan->ids.has_namespace && !plan->has_pid_namespace)
                return plan_fail(build, -EINVAL,
                                "A user namespace needs a PID namespace as well (unset "
                                "SYSTEMD_NSPAWN_SHARE_NS_PID and SHARE_SYSTEM)");

        return 0;
}

int plan_build_namespaces(const PlanBuild *build) {
        const Config *config = build->config;
        const EnvironmentFacts *environment = &build->facts->environment;
        Plan *plan = build->plan;

        plan->has_private_network = config_has_private_network(config);
        plan->has_cgroup_namespace =
                        build->facts->is_cgroup_namespace_supported && !environment->lets_cgroup_be;
        plan->has_pid_namespace = !config->as_nspawn || !environment->shares_pid;
        plan->has_uts_namespace = !config->as_nspawn || !environment->shares_uts;
        plan->has_ipc_namespace = !config->as_nspawn || !environment->shares_ipc;
        plan->api_vfs = config->as_nspawn ? environment->api_vfs : API_VFS_LOCKED;

        if (plan->api_vfs == API_VFS_WRITABLE && plan->ids.has_namespace)
                return plan_fail(build, -EINVAL,
                                "SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes cannot be combined with a user "
                                "namespace");

        return check_sharing(build);
}
