/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/seccomp.h"

/* What the kernel makes of a program: the few instructions that libseccomp uses. */
static uint32_t run(const SeccompProgram *program, uint32_t architecture, uint32_t number) {
        const struct seccomp_data data = { .nr = (int)number, .arch = architecture };
        uint32_t a = 0;

        for (size_t i = 0; i < program->n_instructions; i++) {
                const struct sock_filter *step = &program->instructions[i];
                bool is_met = false;

                switch (step->code) {
                case BPF_LD | BPF_W | BPF_ABS:
                        memcpy(&a, (const char *)&data + step->k, sizeof a);
                        continue;
                case BPF_RET | BPF_K:
                        return step->k;
                case BPF_JMP | BPF_JA:
                        i += step->k;
                        continue;
                case BPF_JMP | BPF_JEQ | BPF_K:
                        is_met = a == step->k;
                        break;
                case BPF_JMP | BPF_JGT | BPF_K:
                        is_met = a > step->k;
                        break;
                case BPF_JMP | BPF_JGE | BPF_K:
                        is_met = a >= step->k;
                        break;
                default:
                        fail_msg("Instruction %#x is new", step->code);
                }
                i += is_met ? step->jt : step->jf;
        }

        fail_msg("The program has no end");
        return 0;
}

typedef struct {
        const char *name;
        uint32_t architecture;
        uint32_t numbers[8];
} Calls;

/* From the kernel's tables: sync, fsync and so on. */
static const Calls sync_calls[] = {
        { "x86-64", AUDIT_ARCH_X86_64, { 26, 74, 75, 162, 277, 306 } },
        { "i386", AUDIT_ARCH_I386, { 36, 118, 144, 148, 314, 344 } },
        { "x32", AUDIT_ARCH_X86_64, { 0x4000001a, 0x4000004a, 0x4000004b, 0x40000115 } },
        { "aarch64", AUDIT_ARCH_AARCH64, { 81, 82, 83, 84, 227, 267 } },
        { "arm", AUDIT_ARCH_ARM, { 36, 118, 144, 148, 341, 373 } },
};

/* Whether this machine can run them. */
static bool is_covered(const Calls *calls) {
        return SYS_sync == 162 ? calls - sync_calls < 3 : SYS_sync == 81 && calls - sync_calls >= 3;
}

static void syncing_succeeds_at_once_on_all_architectures(void **state) {
        const SeccompProgram *program = &seccomp_programs[CALL_FILTER_SUPPRESS_SYNC];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(sync_calls); i++)
                for (size_t j = 0; j < 8 && sync_calls[i].numbers[j] != 0; j++) {
                        uint32_t wanted = is_covered(&sync_calls[i]) ? SECCOMP_RET_ERRNO
                                                                     : SECCOMP_RET_ALLOW;
                        uint32_t result = run(program, sync_calls[i].architecture,
                                        sync_calls[i].numbers[j]);

                        if (result != wanted)
                                fail_msg("%s %u: %#x, not %#x", sync_calls[i].name,
                                                sync_calls[i].numbers[j], result, wanted);
                }
}

static void all_other_calls_are_let_through(void **state) {
        const SeccompProgram *program = &seccomp_programs[CALL_FILTER_SUPPRESS_SYNC];
        size_t n_filtered = 0;

        (void)state;
        for (uint32_t number = 0; number < 1024; number++)
                n_filtered += run(program, AUDIT_ARCH_X86_64, number) != SECCOMP_RET_ALLOW;
        assert_int_equal(n_filtered, SYS_sync == 162 ? 6 : 0);
        assert_int_equal(run(program, AUDIT_ARCH_S390X, SYS_fsync), SECCOMP_RET_ALLOW);
}

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

static int sync_nothing(void) {
        int fd;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                        seccomp_install(CALL_FILTER_SUPPRESS_SYNC) < 0)
                return 1;
        if (fsync(-1) < 0 || fdatasync(-1) < 0 || syncfs(-1) < 0)
                return 2;
        if (msync((void *)1, 1, MS_SYNC) < 0 || sync_file_range(-1, 0, 0, 0) < 0)
                return 3;

        fd = open("/tmp", O_TMPFILE | O_RDWR | O_SYNC, 0600);
        return fd < 0 || write(fd, "x", 1) != 1 ? 4 : 0;
}

static void files_are_not_synced_but_can_be_opened_to_be(void **state) {
        (void)state;
        assert_int_equal(in_child(sync_nothing), 0);
}

static int install_as_nobody(void) {
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
                return 1;

        return seccomp_install(CALL_FILTER_SUPPRESS_SYNC) == -EACCES ? 0 : 2;
}

static void whoever_may_not_is_told(void **state) {
        (void)state;
        assert_int_equal(in_child(install_as_nobody), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(syncing_succeeds_at_once_on_all_architectures),
        cmocka_unit_test(all_other_calls_are_let_through),
        cmocka_unit_test(files_are_not_synced_but_can_be_opened_to_be),
        cmocka_unit_test(whoever_may_not_is_told),
};

UNIT_TEST_MAIN(tests)
