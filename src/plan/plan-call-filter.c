/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/capability.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address-family.h"
#include "base/architecture.h"
#include "base/capability.h"
#include "plan/build.h"
#include "plan/call-filter.h"

/* What a system with a network of its own uses. Each other family is a door into the kernel that
 * few need and that some have come through: AF_ALG, AF_VSOCK, AF_TIPC, AF_RDS, AF_CAN, AF_RXRPC. */
static const uint64_t default_families = FAMILY_BIT(AF_UNIX) | FAMILY_BIT(AF_INET) |
                                         FAMILY_BIT(AF_INET6) | FAMILY_BIT(AF_NETLINK) |
                                         FAMILY_BIT(AF_PACKET);

/* As systemd-nspawn, which opens all of them: those that reach the host itself. */
static const uint64_t nspawn_families = FAMILIES_ANY & ~(FAMILY_BIT(AF_ALG) | FAMILY_BIT(AF_VSOCK));

CallVerdict plan_call_verdict(const Call *call, uint64_t capabilities) {
        switch (call->rule) {
        case CALL_ALLOWED:
                return VERDICT_ALLOW;
        case CALL_DENIED:
                return VERDICT_DENY;
        case CALL_WITH_CAPABILITY:
                return capabilities & CAPABILITY_BIT(call->capability) ? VERDICT_ALLOW
                                                                       : VERDICT_DENY;
        case CALL_ABSENT:
        case CALL_RULE_MAX:
                break;
        }

        return VERDICT_ABSENT;
}

static bool suppresses_sync(const PlanBuild *build) {
        Tristate wish = build->config->suppress_sync;

        return wish == TRISTATE_YES ||
               (wish == TRISTATE_UNSET && build->facts->environment.suppresses_sync);
}

/* Opening with O_SYNC is let through, and then does what it says: a filter can only refuse it, and
 * programs that ask for it (databases, container managers) do not run without. */
static void suppress_sync(uint8_t *verdicts, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (call_at(i)->groups & CALL_GROUP_BIT(CALL_GROUP_SYNC) &&
                                verdicts[i] == VERDICT_ALLOW)
                        verdicts[i] = VERDICT_SUCCEED;
}

/* The kernel's audit has no namespaces. Programs that use it take this error for a kernel without
 * audit, and go on. */
static bool has_audit(const Plan *plan) {
        return !plan->ids.has_namespace &&
               plan->privileges.capabilities & CAPABILITY_BIT(CAP_AUDIT_READ);
}

/* C libraries for i386 open all sockets by socketcall(): in such a tree it is that or none. */
static bool trusts_socketcall(const PlanBuild *build) {
        const Architecture other = architecture_secondary(build->facts->architecture);

        return build->config->as_nspawn ||
               (other != ARCHITECTURE_UNKNOWN &&
                               (build->facts->root.architecture == other ||
                                               build->plan->privileges.personality == other));
}

/* What container/stub-init calls. */
static const char *const stub_calls[] = { "capget", "capset", "close_range", "exit_group", "kill",
        "poll", "ppoll", "prctl", "read", "rt_sigprocmask", "signalfd4", "waitid" };

/* The stub is no way around the payload's filter for those who trace it, and the payload's filter
 * must not keep it from its end. */
static CallFilter stub_filter(const PlanBuild *build, size_t n_calls) {
        CallFilter filter = build->plan->privileges.call_filter;
        uint8_t *verdicts = arena_allocate(&build->plan->arena, n_calls);
        size_t index;

        memcpy(verdicts, filter.verdicts, n_calls);
        for (size_t i = 0; i < ELEMENTSOF(stub_calls); i++)
                if (call_find(stub_calls[i], &index))
                        verdicts[index] = VERDICT_ALLOW;

        filter.verdicts = verdicts;
        return filter;
}

int plan_build_call_filter(const PlanBuild *build) {
        Plan *plan = build->plan;
        bool as_nspawn = build->config->as_nspawn;
        bool is_open = as_nspawn && build->facts->environment.lets_calls_be;
        size_t n = calls_count();
        uint8_t *verdicts = arena_allocate(&plan->arena, n);

        for (size_t i = 0; i < n; i++)
                verdicts[i] = is_open ? VERDICT_ALLOW
                                      : plan_call_verdict(
                                                        call_at(i), plan->privileges.capabilities);
        if (suppresses_sync(build))
                suppress_sync(verdicts, n);

        plan->privileges.call_filter = (CallFilter){
                .is_on = !is_open || suppresses_sync(build),
                .is_logged = build->facts->environment.logs_refused_calls,
                .otherwise = is_open ? VERDICT_ALLOW : VERDICT_ABSENT,
                .verdicts = verdicts,
                .families = is_open     ? FAMILIES_ANY
                            : as_nspawn ? nspawn_families
                                        : default_families,
                .has_audit = is_open || has_audit(plan),
                .trusts_socketcall = trusts_socketcall(build),
        };
        if (plan->process.has_stub_init)
                plan->privileges.stub_filter = stub_filter(build, n);
        return 0;
}
