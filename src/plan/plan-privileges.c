/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/capability.h>

#include "plan/build.h"

#define BIT(capability) (1ULL << (capability))

/* What a system needs to boot and to administer itself. Left out is what acts on the whole kernel:
 * modules, raw input and output, clocks, the kernel log, mandatory access control, wake alarms. */
static const uint64_t default_capabilities =
                BIT(CAP_AUDIT_CONTROL) | BIT(CAP_AUDIT_WRITE) | BIT(CAP_CHOWN) |
                BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) |
                BIT(CAP_FSETID) | BIT(CAP_IPC_OWNER) | BIT(CAP_KILL) | BIT(CAP_LEASE) |
                BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MKNOD) | BIT(CAP_NET_BIND_SERVICE) |
                BIT(CAP_NET_BROADCAST) | BIT(CAP_NET_RAW) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) |
                BIT(CAP_SETPCAP) | BIT(CAP_SETUID) | BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_BOOT) |
                BIT(CAP_SYS_CHROOT) | BIT(CAP_SYS_NICE) | BIT(CAP_SYS_PTRACE) |
                BIT(CAP_SYS_RESOURCE) | BIT(CAP_SYS_TTY_CONFIG);

int plan_build_privileges(const PlanBuild *build) {
        Plan *plan = build->plan;
        uint64_t capabilities = default_capabilities;

        if (plan->has_private_network)
                capabilities |= BIT(CAP_NET_ADMIN);
        else if (plan->ids.has_namespace)
                capabilities &= ~BIT(CAP_NET_BIND_SERVICE); /* means nothing for the host's ports */

        plan->process.capabilities = capabilities;
        if (build->config->suppress_sync == TRISTATE_YES ||
                        (build->config->suppress_sync == TRISTATE_UNSET &&
                                        build->facts->environment.suppresses_sync))
                plan->process.call_filters |= 1U << CALL_FILTER_SUPPRESS_SYNC;
        return 0;
}
