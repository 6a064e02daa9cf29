/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/capability.h>

#include "base/capability.h"
#include "plan/build.h"
#include "plan/call-filter.h"

#define BIT(capability) CAPABILITY_BIT(capability)

/* What a system needs to boot and to administer itself; the man page says why for each. Left out is
 * what acts on the whole kernel: modules, raw input and output, clocks, the kernel log, mandatory
 * access control, wake alarms, tracing. */
const uint64_t plan_default_capabilities =
                BIT(CAP_AUDIT_CONTROL) | BIT(CAP_AUDIT_WRITE) | BIT(CAP_CHOWN) |
                BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) |
                BIT(CAP_FSETID) | BIT(CAP_IPC_OWNER) | BIT(CAP_KILL) | BIT(CAP_LEASE) |
                BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MKNOD) | BIT(CAP_NET_BIND_SERVICE) |
                BIT(CAP_NET_BROADCAST) | BIT(CAP_NET_RAW) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) |
                BIT(CAP_SETPCAP) | BIT(CAP_SETUID) | BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_BOOT) |
                BIT(CAP_SYS_CHROOT) | BIT(CAP_SYS_NICE) | BIT(CAP_SYS_PTRACE) |
                BIT(CAP_SYS_RESOURCE) | BIT(CAP_SYS_TTY_CONFIG);

/* In a user namespace of its own the payload's first process has every capability. Outside it has
 * at most ours. */
static void warn_of_missing(const PlanBuild *build, uint64_t added) {
        uint64_t missing = added & ~build->facts->capabilities;
        Arena *arena = &build->plan->arena;

        if (build->plan->ids.has_namespace || added == CAPABILITIES_ALL || missing == 0)
                return;

        notes_add(build->notes, arena, LOG_WARNING,
                        "--capability=: This process does not have %s itself and cannot pass on "
                        "what it lacks, ignoring",
                        capability_join(arena, missing));
}

static int choose_capabilities(const PlanBuild *build) {
        const PrivilegesConfig *config = &build->config->privileges;
        Plan *plan = build->plan;
        uint64_t capabilities = plan_default_capabilities, missing;

        if (plan->has_private_network)
                capabilities |= BIT(CAP_NET_ADMIN);
        else if (plan->ids.has_namespace)
                capabilities &= ~BIT(CAP_NET_BIND_SERVICE); /* means nothing for the host's ports */
        capabilities |= config->capabilities_added;
        capabilities &= ~config->capabilities_dropped;

        warn_of_missing(build, config->capabilities_added & ~config->capabilities_dropped);
        missing = config->capabilities_ambient & ~capabilities;
        if (missing != 0)
                return plan_fail(build, -EINVAL,
                                "--ambient-capability=: The payload may not have %s (allow it with "
                                "--capability=)",
                                capability_join(&plan->arena, missing));

        plan->privileges.capabilities = capabilities;
        plan->privileges.ambient_capabilities = config->capabilities_ambient;
        return 0;
}

static int choose_personality(const PlanBuild *build) {
        Architecture ours = build->facts->architecture, theirs = build->facts->root.architecture,
                     asked = build->config->privileges.personality,
                     other = architecture_secondary(ours);

        if (asked != ARCHITECTURE_UNKNOWN && asked != ours && asked != other)
                return plan_fail(build, -EINVAL,
                                "--personality=%s: This machine runs no such programs",
                                architecture_names[asked]);
        if (theirs != ARCHITECTURE_UNKNOWN && theirs != ours && theirs != other)
                plan_notice(build,
                                "The programs in '%s' are for %s: they run only through an "
                                "emulator that binfmt_misc knows",
                                build->facts->root.path, architecture_names[theirs]);

        if ((asked == ARCHITECTURE_UNKNOWN ? theirs : asked) == other)
                build->plan->privileges.personality = other;
        return 0;
}

int plan_build_privileges(const PlanBuild *build) {
        PrivilegePlan *privileges = &build->plan->privileges;
        int r;

        privileges->no_new_privileges = build->config->privileges.no_new_privileges;
        privileges->forbids_typing = build->plan->process.console == CONSOLE_PIPE &&
                                     build->facts->has_any_terminal;
        r = choose_personality(build);
        if (r < 0)
                return r;

        return choose_capabilities(build);
}
