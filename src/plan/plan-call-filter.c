/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/capability.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address-family.h"
#include "base/architecture.h"
#include "base/capability.h"
#include "base/namespaces.h"
#include "plan/build.h"
#include "plan/call-filter.h"

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

/* Gives VERDICT to the calls in LIST. */
static void
change_verdicts(const StringList *list, CallVerdict verdict, uint8_t *verdicts, size_t n) {
        for (size_t i = 0; i < list->n_items; i++) {
                uint32_t groups = call_groups_find(list->items[i]);
                size_t index;

                if (call_find(list->items[i], &index))
                        verdicts[index] = (uint8_t)verdict;
                for (size_t j = 0; groups != 0 && j < n; j++)
                        if (call_at(j)->groups & groups)
                                verdicts[j] = (uint8_t)verdict;
        }
}

/* Container managers in the first user namespace do without anything but device filters, and those
 * are programs. In another one they cannot have them anyway, and know it. */
static void allow_device_filters(uint8_t *verdicts) {
        size_t index;

        if (call_find("bpf", &index))
                verdicts[index] = VERDICT_ALLOW;
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

static uint64_t choose_families(const PlanBuild *build, bool is_open) {
        const MaskLists *lists = &build->config->privileges.families;
        uint64_t allowed = build->config->as_nspawn ? nspawn_families : FAMILIES_DEFAULT;

        if (is_open)
                allowed = FAMILIES_ANY;
        if (lists->has_allowed)
                allowed = lists->allowed;
        return allowed & ~lists->removed;
}

static uint32_t choose_namespaces(const PlanBuild *build) {
        const MaskLists *lists = &build->config->privileges.namespaces;

        return (uint32_t)((lists->has_allowed ? lists->allowed : NAMESPACES_ALL) & ~lists->removed);
}

/* The flags of clone3() are behind a pointer, where no filter can look. Without it the C library
 * takes clone(). */
static void do_without_clone3(uint8_t *verdicts) {
        size_t index;

        if (call_find("clone3", &index) && verdicts[index] == VERDICT_ALLOW)
                verdicts[index] = VERDICT_ABSENT;
}

/* Whether the tree's programs are for i386 on x86-64, or arm on aarch64. */
static bool has_secondary_programs(const PlanBuild *build) {
        const Architecture other = architecture_secondary(build->facts->architecture);

        return other != ARCHITECTURE_UNKNOWN &&
               (build->facts->root.architecture == other ||
                               build->plan->privileges.personality == other);
}

/* C libraries for i386 open all sockets by socketcall(): in such a tree it is that or none. But who
 * bounds the families gets what was asked for. */
static bool trusts_socketcall(const PlanBuild *build, uint64_t families) {
        const MaskLists *lists = &build->config->privileges.families;

        if (!lists->has_allowed && lists->removed == 0)
                return build->config->as_nspawn || has_secondary_programs(build);
        if (has_secondary_programs(build) && families != FAMILIES_ANY)
                plan_notice(build,
                                "--restrict-address-families=: Programs in '%s' that open sockets by "
                                "socketcall() will open none, as no filter can see which",
                                build->facts->root.path);

        return families == FAMILIES_ANY;
}

/* What container/stub-init calls, and then the stub itself. */
static const char *const stub_calls[] = { "capget", "capset", "dup2", "dup3", "execveat",
        "clock_gettime", "close_range", "exit_group", "kill", "ppoll", "prctl", "read",
        "rt_sigprocmask", "signalfd4", "wait4" };

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

static bool allows_all(const CallFilter *filter, size_t n_calls) {
        for (size_t i = 0; i < n_calls; i++)
                if (filter->verdicts[i] != VERDICT_ALLOW)
                        return false;

        return filter->otherwise == VERDICT_ALLOW && filter->families == FAMILIES_ANY &&
               filter->namespaces == NAMESPACES_ALL && filter->has_audit;
}

int plan_build_call_filter(const PlanBuild *build) {
        Plan *plan = build->plan;
        const CallLists *calls = &build->config->privileges.calls;
        CallFilter *filter = &plan->privileges.call_filter;
        bool is_open = build->config->as_nspawn && build->facts->environment.lets_calls_be;
        size_t n = calls_count();
        uint8_t *verdicts = arena_allocate(&plan->arena, n);
        uint64_t families = choose_families(build, is_open);
        uint32_t namespaces = choose_namespaces(build);

        for (size_t i = 0; i < n; i++)
                verdicts[i] = is_open ? VERDICT_ALLOW
                                      : plan_call_verdict(
                                                        call_at(i), plan->privileges.capabilities);
        if (build->config->privileges.nesting && !plan->ids.has_namespace)
                allow_device_filters(verdicts);
        change_verdicts(&calls->added, VERDICT_ALLOW, verdicts, n);
        change_verdicts(&calls->removed, VERDICT_DENY, verdicts, n);
        if (namespaces != NAMESPACES_ALL)
                do_without_clone3(verdicts);
        if (suppresses_sync(build))
                suppress_sync(verdicts, n);

        *filter = (CallFilter){
                .is_logged = build->facts->environment.logs_refused_calls,
                .otherwise = is_open ? VERDICT_ALLOW : VERDICT_ABSENT,
                .verdicts = verdicts,
                .families = families,
                .namespaces = namespaces,
                .has_audit = is_open || has_audit(plan),
                .trusts_socketcall = trusts_socketcall(build, families),
        };
        filter->is_on = !allows_all(filter, n);
        if (plan->process.has_stub_init)
                plan->privileges.stub_filter = stub_filter(build, n);
        return 0;
}
