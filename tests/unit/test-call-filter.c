/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "base/address-family.h"
#include "base/calls.h"
#include "base/capability.h"
#include "base/namespaces.h"
#include "plan/call-filter.h"
#include "run-bpf.h"

static CallVerdict verdict(const char *name, uint64_t capabilities) {
        size_t index;

        if (!call_find(name, &index))
                fail_msg("%s is not in the table", name);
        return plan_call_verdict(call_at(index), capabilities);
}

typedef struct {
        const char *name;
        CallVerdict verdict;
} Decision;

/* The decisions that the man page tells. */
static const Decision decisions[] = {
        { "read", VERDICT_ALLOW },
        { "clone3", VERDICT_ALLOW },
        { "unshare", VERDICT_ALLOW },
        { "setns", VERDICT_ALLOW },
        { "mount", VERDICT_ALLOW },
        { "fsopen", VERDICT_ALLOW },
        { "open_tree_attr", VERDICT_ALLOW },
        { "landlock_restrict_self", VERDICT_ALLOW },
        { "seccomp", VERDICT_ALLOW },
        { "ptrace", VERDICT_ALLOW },
        { "process_madvise", VERDICT_ALLOW },
        { "keyctl", VERDICT_ABSENT },
        { "add_key", VERDICT_ABSENT },
        { "request_key", VERDICT_ABSENT },
        { "io_uring_setup", VERDICT_DENY },
        { "userfaultfd", VERDICT_DENY },
        { "bpf", VERDICT_DENY },
        { "perf_event_open", VERDICT_DENY },
        { "memfd_secret", VERDICT_DENY },
        { "mlockall", VERDICT_DENY },
        { "pidfd_getfd", VERDICT_DENY },
        { "open_by_handle_at", VERDICT_DENY },
        { "fanotify_init", VERDICT_DENY },
        { "quotactl", VERDICT_DENY },
        { "move_pages", VERDICT_DENY },
        { "listns", VERDICT_DENY },
        { "syslog", VERDICT_DENY },
        { "acct", VERDICT_DENY },
        { "clock_settime", VERDICT_DENY },
        { "adjtimex", VERDICT_DENY },
        { "init_module", VERDICT_DENY },
        { "iopl", VERDICT_DENY },
        { "kexec_load", VERDICT_DENY },
        { "swapon", VERDICT_DENY },
        { "modify_ldt", VERDICT_DENY },
        { "reboot", VERDICT_ALLOW },
        { "uselib", VERDICT_ABSENT },
        { "lookup_dcookie", VERDICT_ABSENT },
};

static void the_default_is_what_was_decided(void **state) {
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(decisions); i++) {
                const Decision *decision = &decisions[i];
                CallVerdict made = verdict(decision->name, plan_default_capabilities);

                if (made != decision->verdict)
                        fail_msg("%s: %d, not %d", decision->name, (int)made,
                                        (int)decision->verdict);
        }
}

static void a_capability_brings_its_calls(void **state) {
        static const struct {
                unsigned capability;
                const char *call;
        } rows[] = {
                { CAP_SYS_TIME, "clock_settime" },
                { CAP_SYS_MODULE, "finit_module" },
                { CAP_SYS_RAWIO, "ioperm" },
                { CAP_IPC_LOCK, "mlock" },
                { CAP_SYS_PACCT, "acct" },
                { CAP_SYS_PTRACE, "process_vm_readv" },
                { CAP_SYS_BOOT, "reboot" },
                { CAP_SYSLOG, "syslog" },
                { CAP_SYS_TTY_CONFIG, "vhangup" },
                { CAP_BPF, "bpf" },
                { CAP_PERFMON, "perf_event_open" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                uint64_t only = CAPABILITY_BIT(rows[i].capability);

                assert_int_equal(verdict(rows[i].call, only), VERDICT_ALLOW);
                assert_int_equal(verdict(rows[i].call, ~only), VERDICT_DENY);
        }
}

static void every_call_is_in_a_group_and_every_group_has_calls(void **state) {
        uint32_t seen = 0;

        (void)state;
        for (size_t i = 0; i < calls_count(); i++) {
                size_t index;

                if (call_at(i)->groups == 0)
                        fail_msg("%s is in no group", call_at(i)->name);
                assert_true(call_find(call_at(i)->name, &index));
                assert_int_equal(index, i); /* no call is there twice */
                seen |= call_at(i)->groups;
        }
        assert_int_equal(seen, (1U << CALL_GROUP_MAX) - 1);
        for (unsigned i = 0; i < CALL_GROUP_MAX; i++)
                assert_int_equal(call_groups_find(call_group_at(i)->name), 1U << i);
        assert_int_equal(call_groups_find("@nonsense"), 0);
}

static void the_default_program_is_short(void **state) {
        uint8_t *verdicts = malloc(calls_count());
        BpfProgram *program;

        (void)state;
        assert_non_null(verdicts);
        for (size_t i = 0; i < calls_count(); i++)
                verdicts[i] = (uint8_t)plan_call_verdict(call_at(i), plan_default_capabilities);
        program = bpf_program_new(&(CallFilter){
                        .is_on = true, .verdicts = verdicts, .namespaces = NAMESPACES_ALL });
        if (bpf_program_length(program) > 500)
                fail_msg("%d instructions", bpf_program_length(program));
        bpf_program_free(program);
        free(verdicts);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_what_was_decided),
        cmocka_unit_test(a_capability_brings_its_calls),
        cmocka_unit_test(every_call_is_in_a_group_and_every_group_has_calls),
        cmocka_unit_test(the_default_program_is_short),
};

UNIT_TEST_MAIN(tests)
