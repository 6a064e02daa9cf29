/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address-family.h"
#include "base/calls.h"
#include "base/namespaces.h"
#include "run-bpf.h"
#include "sys/call-numbers.h"
#include "sys/seccomp.h"

enum { NUMBERS = 1024 };

#define REFUSED(error) (SECCOMP_RET_ERRNO | (error))

/* Allows everything but the calls NAMES, which get VERDICT. */
static CallFilter new_filter(const char *const *names, CallVerdict verdict) {
        uint8_t *verdicts = malloc(calls_count());
        size_t index;

        assert_non_null(verdicts);
        memset(verdicts, VERDICT_ALLOW, calls_count());
        for (; names && *names; names++) {
                assert_true(call_find(*names, &index));
                verdicts[index] = (uint8_t)verdict;
        }

        return (CallFilter){
                .is_on = true,
                .otherwise = VERDICT_ABSENT,
                .verdicts = verdicts,
                .families = FAMILIES_ANY,
                .namespaces = NAMESPACES_ALL,
                .has_audit = true,
        };
}

static void filter_done(CallFilter *filter) {
        free((uint8_t *)filter->verdicts);
}

static uint32_t run(const BpfProgram *program, uint32_t architecture, uint32_t number) {
        const struct seccomp_data data = { .nr = (int)number, .arch = architecture };

        return bpf_program_run(program, &data);
}

static uint32_t run_call(const CallFilter *filter, const char *name, uint64_t a, uint64_t b) {
        BpfProgram *program = bpf_program_new(filter);
        uint32_t result;
        const struct seccomp_data data = {
                .arch = call_architectures[0].audit_architecture,
                .nr = seccomp_syscall_resolve_name(name),
                .args = { a, b, b },
        };

        assert_true(data.nr >= 0);
        result = bpf_program_run(program, &data);
        bpf_program_free(program);
        return result;
}

static const char *name_of(const CallArchitecture *architecture, uint32_t number) {
        for (size_t i = 0; i < architecture->numbers.n_items; i++)
                if (architecture->numbers.items[i].number == number)
                        return call_at(architecture->numbers.items[i].call)->name;

        return NULL;
}

/* A newer library brings newer calls: each needs a row in base/calls. */
static void every_call_that_libseccomp_knows_is_in_the_table(void **state) {
        (void)state;
        for (const CallArchitecture *i = call_architectures; i->audit_architecture; i++)
                for (uint32_t number = 0; number < NUMBERS; number++) {
                        char *name = seccomp_syscall_resolve_num_arch(
                                        i->audit_architecture, (int)number);

                        if (name && (!name_of(i, number) || strcmp(name_of(i, number), name) != 0))
                                fail_msg("%s is not in the table as %u", name, number);
                        free(name);
                }
}

static void check_all_verdicts(const CallFilter *filter) {
        static const uint32_t actions[] = { REFUSED(ENOSYS), SECCOMP_RET_ALLOW, REFUSED(EPERM),
                REFUSED(0) };
        BpfProgram *program = bpf_program_new(filter);

        for (const CallArchitecture *i = call_architectures; i->audit_architecture; i++)
                for (uint32_t number = 0; number < NUMBERS; number++) {
                        const char *name = name_of(i, number);
                        uint32_t wanted = actions[filter->otherwise], result;
                        size_t index;

                        if (name && call_find(name, &index))
                                wanted = actions[filter->verdicts[index]];
                        result = run(program, i->audit_architecture, number);
                        if (result != wanted)
                                fail_msg("%s, %u on %#x: %#x, not %#x", name, number,
                                                i->audit_architecture, result, wanted);
                }
        bpf_program_free(program);
}

static void every_call_gets_its_verdict_on_every_architecture(void **state) {
        uint8_t verdicts[2048];
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);
        CallFilter mixed = filter;

        (void)state;
        check_all_verdicts(&filter);
        filter.otherwise = VERDICT_ALLOW;
        check_all_verdicts(&filter);

        /* No two neighbours alike: the longest program that there can be, with far jumps. */
        assert_true(calls_count() <= sizeof verdicts);
        for (const CallArchitecture *i = call_architectures; i->audit_architecture; i++) {
                memset(verdicts, VERDICT_ALLOW, sizeof verdicts);
                for (size_t j = 0; j < i->numbers.n_items; j++)
                        verdicts[i->numbers.items[j].call] =
                                        j % 2 == 0 ? VERDICT_DENY : VERDICT_SUCCEED;
                mixed.verdicts = verdicts;
                check_all_verdicts(&mixed);
        }
        filter_done(&filter);
}

static void calls_of_other_worlds_are_refused(void **state) {
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);
        BpfProgram *program = bpf_program_new(&filter);
        uint32_t native = call_architectures[0].audit_architecture;

        (void)state;
        assert_int_equal(run(program, native, 0x40000000), REFUSED(ENOSYS));
        assert_int_equal(run(program, native, 0x40000000 + 39), REFUSED(ENOSYS));
        assert_int_equal(run(program, native, 0x7fffffff), REFUSED(ENOSYS));
        assert_int_equal(run(program, native, 0xfffffffe), REFUSED(ENOSYS));
        assert_int_equal(run(program, AUDIT_ARCH_PARISC, 1), REFUSED(ENOSYS));
        bpf_program_free(program);
        filter_done(&filter);
}

/* A tracer that skips a call sets its number to -1, and has the result. */
static void the_number_of_a_skipped_call_is_let_through(void **state) {
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);
        BpfProgram *program = bpf_program_new(&filter);

        (void)state;
        for (const CallArchitecture *i = call_architectures; i->audit_architecture; i++)
                assert_int_equal(
                                run(program, i->audit_architecture, UINT32_MAX), SECCOMP_RET_ALLOW);
        bpf_program_free(program);
        filter_done(&filter);
}

/* The kernel takes an int: what is in the other half of the argument must not matter. */
static void families_are_bounded_whatever_is_in_the_other_half(void **state) {
        static const uint64_t others[] = { 0, 1ULL << 32, 0xffffffffULL << 32 };
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);

        (void)state;
        filter.families = FAMILY_BIT(AF_UNIX) | FAMILY_BIT(AF_INET6);
        for (size_t i = 0; i < 3; i++)
                for (unsigned family = 0; family < 80; family++) {
                        uint32_t wanted = family == AF_UNIX || family == AF_INET6
                                                          ? SECCOMP_RET_ALLOW
                                                          : REFUSED(EAFNOSUPPORT);

                        assert_int_equal(
                                        run_call(&filter, "socket", others[i] | family, 0), wanted);
                        assert_int_equal(run_call(&filter, "socketpair", others[i] | family, 0),
                                        wanted);
                }
        assert_int_equal(run_call(&filter, "socket", UINT64_MAX, 0), REFUSED(EAFNOSUPPORT));

        filter.families = FAMILIES_ANY;
        assert_int_equal(run_call(&filter, "socket", 70, 0), SECCOMP_RET_ALLOW);
        filter_done(&filter);
}

static void audit_is_refused_whatever_is_in_the_other_half(void **state) {
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);
        uint64_t high = 5ULL << 32;

        (void)state;
        assert_int_equal(run_call(&filter, "socket", AF_NETLINK, NETLINK_AUDIT), SECCOMP_RET_ALLOW);
        filter.has_audit = false;
        assert_int_equal(run_call(&filter, "socket", AF_NETLINK, NETLINK_ROUTE), SECCOMP_RET_ALLOW);
        assert_int_equal(run_call(&filter, "socket", AF_NETLINK, NETLINK_AUDIT),
                        REFUSED(EAFNOSUPPORT));
        assert_int_equal(run_call(&filter, "socket", high | AF_NETLINK, high | NETLINK_AUDIT),
                        REFUSED(EAFNOSUPPORT));
        assert_int_equal(run_call(&filter, "socket", AF_INET, NETLINK_AUDIT), SECCOMP_RET_ALLOW);
        filter_done(&filter);
}

static void namespaces_are_bounded_by_their_flags(void **state) {
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);
        const uint64_t high = 5ULL << 32;

        (void)state;
        filter.namespaces = NAMESPACES_ALL & ~(uint32_t)(CLONE_NEWUSER | CLONE_NEWTIME);
        assert_int_equal(run_call(&filter, "clone", CLONE_NEWUSER, 0), REFUSED(EPERM));
        assert_int_equal(run_call(&filter, "clone", high | CLONE_NEWUSER | CLONE_NEWPID, 0),
                        REFUSED(EPERM));
        assert_int_equal(run_call(&filter, "clone", high | CLONE_NEWPID, 0), SECCOMP_RET_ALLOW);
        assert_int_equal(run_call(&filter, "clone", CLONE_NEWTIME, 0), SECCOMP_RET_ALLOW);
        assert_int_equal(run_call(&filter, "unshare", CLONE_NEWTIME, 0), REFUSED(EPERM));
        assert_int_equal(run_call(&filter, "unshare", CLONE_NEWUSER, 0), REFUSED(EPERM));
        assert_int_equal(run_call(&filter, "unshare", CLONE_FILES, 0), SECCOMP_RET_ALLOW);

        filter.namespaces = NAMESPACES_ALL;
        assert_int_equal(run_call(&filter, "clone", CLONE_NEWUSER, 0), SECCOMP_RET_ALLOW);
        filter_done(&filter);
}

#ifdef __x86_64__
/* i386: its calls by number, as the kernel's table has them. */
enum { I386_IPC = 117, I386_SOCKETCALL = 102, I386_SOCKET = 359, I386_CONNECT = 362 };

static uint32_t run_i386(const CallFilter *filter, int number, uint64_t a) {
        const struct seccomp_data data = { .arch = AUDIT_ARCH_I386, .nr = number, .args = { a } };
        BpfProgram *program = bpf_program_new(filter);
        uint32_t result = bpf_program_run(program, &data);

        bpf_program_free(program);
        return result;
}

static void families_are_bounded_on_i386_too(void **state) {
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);

        (void)state;
        assert_int_equal(run_i386(&filter, I386_SOCKETCALL, 1), SECCOMP_RET_ALLOW);
        filter.families = FAMILY_BIT(AF_UNIX);
        assert_int_equal(run_i386(&filter, I386_SOCKET, AF_UNIX), SECCOMP_RET_ALLOW);
        assert_int_equal(run_i386(&filter, I386_SOCKET, AF_ALG), REFUSED(EAFNOSUPPORT));

        /* socket() and socketpair() in socketcall() cannot be looked into; all else can be used. */
        assert_int_equal(run_i386(&filter, I386_SOCKETCALL, 1), REFUSED(ENOSYS));
        assert_int_equal(run_i386(&filter, I386_SOCKETCALL, 8), REFUSED(ENOSYS));
        assert_int_equal(run_i386(&filter, I386_SOCKETCALL, 3), SECCOMP_RET_ALLOW);
        filter.trusts_socketcall = true;
        assert_int_equal(run_i386(&filter, I386_SOCKETCALL, 1), SECCOMP_RET_ALLOW);
        filter_done(&filter);
}

static void what_is_denied_is_denied_in_multiplexers_too(void **state) {
        static const char *const names[] = { "connect", "shmat", NULL };
        CallFilter filter = new_filter(names, VERDICT_DENY);

        (void)state;
        assert_int_equal(run_i386(&filter, I386_CONNECT, 0), REFUSED(EPERM));
        assert_int_equal(run_i386(&filter, I386_SOCKETCALL, 3), REFUSED(EPERM));
        assert_int_equal(run_i386(&filter, I386_SOCKETCALL, 2), SECCOMP_RET_ALLOW);
        assert_int_equal(run_i386(&filter, I386_IPC, 21), REFUSED(EPERM));
        assert_int_equal(run_i386(&filter, I386_IPC, 1 << 16 | 21), REFUSED(EPERM));
        assert_int_equal(run_i386(&filter, I386_IPC, 23), SECCOMP_RET_ALLOW);
        filter_done(&filter);
}

static long call_i386(long number, long a) {
        long r = number;

        __asm__ volatile("int $0x80" : "+a"(r) : "b"(a), "c"(0L), "d"(0L), "S"(0L) : "memory");
        return r;
}

static int be_filtered(void) {
        static const char *const names[] = { "getppid", "shmat", NULL };
        CallFilter filter = new_filter(names, VERDICT_DENY);

        filter.families = FAMILY_BIT(AF_UNIX);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_install(&filter) < 0)
                return 1;
        if (syscall(SYS_getppid) != -1 || errno != EPERM)
                return 2;
        if (call_i386(64, 0) != -EPERM || call_i386(20, 0) != getpid())
                return 3;
        if (syscall(0x40000000 | SYS_getpid) != -1 || errno != ENOSYS)
                return 4;
        if (syscall(999) != -1 || errno != ENOSYS || call_i386(999, 0) != -ENOSYS)
                return 5;
        if (socket(AF_ALG, SOCK_SEQPACKET, 0) != -1 || errno != EAFNOSUPPORT)
                return 6;
        if (call_i386(I386_SOCKETCALL, 1) != -ENOSYS || call_i386(I386_IPC, 21) != -EPERM)
                return 7;
        return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? 8 : 0;
}
#endif

/* In a process of its own, since there is no way back. */
static int in_child(int (*function)(void)) {
        pid_t pid = fork();
        int status = 0;

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(function());

        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#ifdef __x86_64__
static void the_kernel_follows_it(void **state) {
        (void)state;
        assert_int_equal(in_child(be_filtered), 0);
}
#endif

static int sync_nothing(void) {
        static const char *const names[] = { "fsync", "fdatasync", "syncfs", "msync",
                "sync_file_range", NULL };
        CallFilter filter = new_filter(names, VERDICT_SUCCEED);

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_install(&filter) < 0)
                return 1;
        if (fsync(-1) < 0 || fdatasync(-1) < 0 || syncfs(-1) < 0)
                return 2;
        return msync((void *)1, 1, MS_SYNC) < 0 || sync_file_range(-1, 0, 0, 0) < 0 ? 3 : 0;
}

static void calls_can_succeed_without_doing_anything(void **state) {
        (void)state;
        assert_int_equal(in_child(sync_nothing), 0);
}

static int install_as_nobody(void) {
        CallFilter filter = new_filter(NULL, VERDICT_ALLOW);

        if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
                return 1;

        return seccomp_install(&filter) == -EACCES ? 0 : 2;
}

static void whoever_may_not_is_told(void **state) {
        (void)state;
        assert_int_equal(in_child(install_as_nobody), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_that_libseccomp_knows_is_in_the_table),
        cmocka_unit_test(every_call_gets_its_verdict_on_every_architecture),
        cmocka_unit_test(calls_of_other_worlds_are_refused),
        cmocka_unit_test(the_number_of_a_skipped_call_is_let_through),
        cmocka_unit_test(families_are_bounded_whatever_is_in_the_other_half),
        cmocka_unit_test(namespaces_are_bounded_by_their_flags),
        cmocka_unit_test(audit_is_refused_whatever_is_in_the_other_half),
#ifdef __x86_64__
        cmocka_unit_test(families_are_bounded_on_i386_too),
        cmocka_unit_test(what_is_denied_is_denied_in_multiplexers_too),
        cmocka_unit_test(the_kernel_follows_it),
#endif
        cmocka_unit_test(calls_can_succeed_without_doing_anything),
        cmocka_unit_test(whoever_may_not_is_told),
};

UNIT_TEST_MAIN(tests)
