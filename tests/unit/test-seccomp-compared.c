/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What our compiler makes of rules, compared with what libseccomp makes of them: for each call on
 * each architecture. Multiplexers are compared by what is in them. Built once for each kind of
 * machine, with its numbers.
 */

#include "unit-test.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address-family.h"
#include "base/calls.h"
#include "base/namespaces.h"
#include "plan/call-filter.h"
#include "run-bpf.h"
#include "sys/call-numbers.h"
#include "sys/seccomp.h"

enum { NUMBERS = 1024, CALLS_MAX = 1024, RANDOM_RULES = 8 };

static const uint32_t actions[VERDICT_MAX] = {
        [VERDICT_ABSENT] = SCMP_ACT_ERRNO(ENOSYS),
        [VERDICT_ALLOW] = SCMP_ACT_ALLOW,
        [VERDICT_DENY] = SCMP_ACT_ERRNO(EPERM),
        [VERDICT_SUCCEED] = SCMP_ACT_ERRNO(0),
};

static bool is_multiplexer(size_t call) {
        return call == call_ipc.call || call == call_socketcall.call;
}

static bool opens_sockets(size_t call) {
        return call == call_socket || call == call_socketpair;
}

/* By its number on this machine, or a negative one that the library made up. */
static void add_rule(scmp_filter_ctx context, const CallFilter *filter, size_t call) {
        uint32_t action = actions[filter->verdicts[call]];
        int number = seccomp_syscall_resolve_name(call_at(call)->name);

        if (number == __NR_SCMP_ERROR || is_multiplexer(call) ||
                        action == actions[filter->otherwise])
                return;
        if (!opens_sockets(call) || action != SCMP_ACT_ALLOW || filter->families == FAMILIES_ANY) {
                /* Of an architecture that does not have the call it cannot be asked. */
                (void)seccomp_rule_add(context, action, number, 0);
                return;
        }

        for (unsigned family = 0; family < 64; family++)
                assert_int_equal(
                                seccomp_rule_add(context,
                                                filter->families & FAMILY_BIT(family)
                                                                ? SCMP_ACT_ALLOW
                                                                : SCMP_ACT_ERRNO(EAFNOSUPPORT),
                                                number, 1,
                                                SCMP_A0_64(SCMP_CMP_MASKED_EQ, UINT32_MAX, family)),
                                0);
}

/* There families cannot be compared: the library cannot bound what a call holds. */
static bool has_multiplexer(const CallArchitecture *architecture) {
        for (size_t i = 0; i < architecture->numbers.n_items; i++)
                if (is_multiplexer(architecture->numbers.items[i].call))
                        return true;

        return false;
}

static BpfProgram *new_program_of_the_library(const CallFilter *filter,
                const CallArchitecture *architecture) {
        struct sock_filter instructions[SECCOMP_PROGRAM_MAX];
        scmp_filter_ctx context = seccomp_init(actions[filter->otherwise]);
        int fd = memfd_create("program", MFD_CLOEXEC);
        ssize_t n;

        assert_non_null(context);
        assert_true(fd >= 0);
        if (architecture->audit_architecture != seccomp_arch_native()) {
                assert_int_equal(seccomp_arch_remove(context, seccomp_arch_native()), 0);
                assert_int_equal(seccomp_arch_add(context, architecture->audit_architecture), 0);
        }
        for (size_t i = 0; i < calls_count(); i++)
                add_rule(context, filter, i);

        assert_int_equal(seccomp_export_bpf(context, fd), 0);
        n = pread(fd, instructions, sizeof instructions, 0);
        assert_true(n > 0);
        (void)close(fd);
        seccomp_release(context);
        return bpf_program_new_from(instructions, (int)((size_t)n / sizeof instructions[0]));
}

typedef struct {
        const CallFilter *filter;
        const CallArchitecture *architecture;
        BpfProgram *ours, *theirs;
        size_t n_compared;
} Comparison;

static void compare(Comparison *comparison, uint32_t number, uint64_t argument) {
        const struct seccomp_data data = {
                .arch = comparison->architecture->audit_architecture,
                .nr = (int)number,
                .args = { argument },
        };
        uint32_t ours = bpf_program_run(comparison->ours, &data);
        uint32_t theirs = bpf_program_run(comparison->theirs, &data);

        if (ours != theirs)
                fail_msg("%u(%#llx) on %#x: %#x, the library has %#x", number,
                                (unsigned long long)argument, data.arch, ours, theirs);
        comparison->n_compared++;
}

/* Of newer calls the library may know nothing, and of some no more than their number. */
static bool library_knows(const CallArchitecture *architecture, const CallNumber *number) {
        char *name = seccomp_syscall_resolve_num_arch(
                        architecture->audit_architecture, (int)number->number);
        bool knows = name && seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;

        free(name);
        return knows;
}

static void compare_call(Comparison *comparison, const CallNumber *number) {
        const CallMultiplexer *multiplexer = number->call == call_ipc.call ? &call_ipc
                                             : number->call == call_socketcall.call
                                                             ? &call_socketcall
                                                             : NULL;
        bool has_families =
                        opens_sockets(number->call) && comparison->filter->families != FAMILIES_ANY;

        if (!library_knows(comparison->architecture, number))
                return;
        if (!multiplexer)
                for (uint64_t i = 0; i < (has_families ? 64 : 1); i++) {
                        compare(comparison, number->number, i);
                        compare(comparison, number->number, 5ULL << 32 | i);
                }
        else if (comparison->filter->verdicts[number->call] == VERDICT_ALLOW)
                for (size_t i = 0; i < multiplexer->numbers.n_items; i++)
                        compare(comparison, number->number, multiplexer->numbers.items[i].number);
}

static size_t compare_filter(const CallFilter *filter, const CallArchitecture *architecture) {
        Comparison comparison = {
                .filter = filter,
                .architecture = architecture,
                .ours = bpf_program_new(filter),
                .theirs = new_program_of_the_library(filter, architecture),
        };
        uint32_t next = 0;

        for (size_t i = 0; i < architecture->numbers.n_items; i++) {
                const CallNumber *number = &architecture->numbers.items[i];

                for (; next < number->number && next < NUMBERS; next++)
                        compare(&comparison, next, 0);
                compare_call(&comparison, number);
                next = number->number + 1;
        }
        for (; next < NUMBERS; next++)
                compare(&comparison, next, 0);

        bpf_program_free(comparison.ours);
        bpf_program_free(comparison.theirs);
        return comparison.n_compared;
}

static void compare_everywhere(CallFilter *filter, uint64_t families) {
        for (const CallArchitecture *i = call_architectures; i->audit_architecture; i++) {
                filter->families = has_multiplexer(i) ? FAMILIES_ANY : families;
                assert_true(compare_filter(filter, i) >= NUMBERS / 2);
        }
}

static void the_default_is_what_libseccomp_makes_of_it(void **state) {
        uint8_t verdicts[CALLS_MAX];
        CallFilter filter = {
                .is_on = true, .verdicts = verdicts, .namespaces = NAMESPACES_ALL, .has_audit = true
        };

        (void)state;
        assert_true(calls_count() <= CALLS_MAX);
        for (size_t i = 0; i < calls_count(); i++)
                verdicts[i] = (uint8_t)plan_call_verdict(call_at(i), plan_default_capabilities);
        compare_everywhere(&filter, FAMILY_BIT(AF_UNIX) | FAMILY_BIT(AF_INET6));
}

static void any_rules_are_what_libseccomp_makes_of_them(void **state) {
        uint8_t verdicts[CALLS_MAX];
        CallFilter filter = {
                .is_on = true, .verdicts = verdicts, .namespaces = NAMESPACES_ALL, .has_audit = true
        };

        (void)state;
        srand(1); /* the same rules each time */
        for (unsigned i = 0; i < RANDOM_RULES; i++) {
                for (size_t j = 0; j < calls_count(); j++)
                        verdicts[j] = is_multiplexer(j) ? VERDICT_ALLOW
                                                        : (uint8_t)(rand() % VERDICT_MAX);
                filter.otherwise = i % 2 == 0 ? VERDICT_ABSENT : VERDICT_ALLOW;
                compare_everywhere(&filter, FAMILIES_ANY);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_what_libseccomp_makes_of_it),
        cmocka_unit_test(any_rules_are_what_libseccomp_makes_of_them),
};

UNIT_TEST_MAIN(tests)
