/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What mandatory access control makes of the payload, and of the files that are made for it. Comes
 * behind all mounts. A label that would mean nothing on this host is refused: who asks for one
 * relies on it.
 */

#include <errno.h>

#include "base/text.h"
#include "plan/build.h"

static int check_labels(const PlanBuild *build) {
        const PrivilegesConfig *privileges = &build->config->privileges;
        const Facts *facts = build->facts;
        const char *selinux = privileges->selinux_context         ? "--selinux-context"
                              : privileges->selinux_apifs_context ? "--selinux-apifs-context"
                                                                  : NULL;

        if (selinux && !facts->has_selinux)
                return plan_fail(
                                build, -EINVAL, "%s=: SELinux is not active on this host", selinux);
        if (selinux && !facts->has_selinux_policy)
                return plan_fail(build, -EINVAL,
                                "%s=: SELinux has no policy on this host, so that no label has a "
                                "meaning",
                                selinux);
        if (privileges->apparmor_profile && !facts->has_apparmor)
                return plan_fail(build, -EINVAL,
                                "--apparmor-profile=: AppArmor is not active on this host");

        return 0;
}

/* Categories of a label have commas between them. */
static void add_label(const PlanBuild *build, const char **options) {
        const char *label = build->config->privileges.selinux_apifs_context, *before = *options;

        *options = arena_printf(&build->plan->arena, "%s%scontext=\"%s\"", before ?: "",
                        text_is_empty(before) ? "" : ",", label);
}

int plan_build_labels(const PlanBuild *build) {
        const PrivilegesConfig *privileges = &build->config->privileges;
        Plan *plan = build->plan;
        int r;

        r = check_labels(build);
        if (r < 0)
                return r;

        plan->privileges.selinux_context = privileges->selinux_context;
        plan->privileges.apparmor_profile = privileges->apparmor_profile;
        if (!privileges->selinux_apifs_context)
                return 0;

        for (size_t i = 0; i < plan->n_mounts; i++) {
                MountKind kind = plan->mounts[i].kind;

                if (kind == MOUNT_TMPFS || kind == MOUNT_RAMFS || kind == MOUNT_DEVPTS)
                        add_label(build, &plan->mounts[i].options);
        }
        if (plan->export_options)
                add_label(build, &plan->export_options);
        if (plan->layers.memory_options)
                add_label(build, &plan->layers.memory_options);

        return 0;
}
