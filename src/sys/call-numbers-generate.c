/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Run at build time: asks libseccomp for the numbers of all calls in base/calls, and prints them as
 * C; see sys/call-numbers.h.
 *
 *         call-numbers-generate CPU-FAMILY        as meson calls it
 */

#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calls.h"
#include "base/macro.h"
#include "sys/call-numbers.h"

typedef struct {
        const char *name;
        uint32_t first; /* what the number of the first call is */
} Architecture;

/* What a machine of that family can run. x32 is refused as a whole. */
static const struct {
        const char *family;
        Architecture architectures[3];
} families[] = {
        { "x86_64", { { "x86_64", 0 }, { "x86", 0 } } },
        { "x86", { { "x86", 0 } } },
        { "aarch64", { { "aarch64", 0 }, { "arm", 0 } } },
        { "arm", { { "arm", 0 } } },
        { "riscv64", { { "riscv64", 0 } } },
        { "ppc64", { { "ppc64le", 0 } } },
        { "s390x", { { "s390x", 0 }, { "s390", 0 } } },
        { "mips64", { { "mipsel64", 5000 }, { "mipsel", 4000 } } },
};

/* The newest calls, which libseccomp may not know yet: from Linux 5.10 on all architectures agree
 * on their numbers. */
enum { NEWER_CALLS = 440 };

static const char *const newer_calls[] = {
        "process_madvise",
        "epoll_pwait2",
        "mount_setattr",
        "quotactl_fd",
        "landlock_create_ruleset",
        "landlock_add_rule",
        "landlock_restrict_self",
        "memfd_secret",
        "process_mrelease",
        "futex_waitv",
        "set_mempolicy_home_node",
        "cachestat",
        "fchmodat2",
        "map_shadow_stack",
        "futex_wake",
        "futex_wait",
        "futex_requeue",
        "statmount",
        "listmount",
        "lsm_get_self_attr",
        "lsm_set_self_attr",
        "lsm_list_modules",
        "mseal",
        "setxattrat",
        "getxattrat",
        "listxattrat",
        "removexattrat",
        "open_tree_attr",
        "file_getattr",
        "file_setattr",
        "listns",
        "rseq_slice_yield",
};

/* The same for calls of one architecture. */
static const struct {
        const char *architecture;
        const char *name;
        uint32_t number;
} special_calls[] = {
        { "x86_64", "uretprobe", 335 },
        { "x86_64", "uprobe", 336 },
        { "riscv64", "riscv_hwprobe", 258 },
};

/* By the number that the first argument chooses; NULL: none. */
static const char *const socketcall_calls[] = {
        [1] = "socket",
        [2] = "bind",
        [3] = "connect",
        [4] = "listen",
        [5] = "accept",
        [6] = "getsockname",
        [7] = "getpeername",
        [8] = "socketpair",
        [9] = "send",
        [10] = "recv",
        [11] = "sendto",
        [12] = "recvfrom",
        [13] = "shutdown",
        [14] = "setsockopt",
        [15] = "getsockopt",
        [16] = "sendmsg",
        [17] = "recvmsg",
        [18] = "accept4",
        [19] = "recvmmsg",
        [20] = "sendmmsg",
};

static const char *const ipc_calls[] = {
        [1] = "semop",
        [2] = "semget",
        [3] = "semctl",
        [4] = "semtimedop",
        [11] = "msgsnd",
        [12] = "msgrcv",
        [13] = "msgget",
        [14] = "msgctl",
        [21] = "shmat",
        [22] = "shmdt",
        [23] = "shmget",
        [24] = "shmctl",
};

static _Noreturn void die(const char *what, const char *object) {
        (void)fprintf(stderr, "call-numbers-generate: %s '%s'\n", what, object);
        exit(EXIT_FAILURE);
}

static bool is_special(const char *architecture, const char *name, uint32_t *ret_number) {
        for (size_t i = 0; i < ELEMENTSOF(special_calls); i++)
                if (strcmp(special_calls[i].architecture, architecture) == 0 &&
                                strcmp(special_calls[i].name, name) == 0) {
                        *ret_number = special_calls[i].number;
                        return true;
                }

        return false;
}

static bool is_newer(const char *name, uint32_t *ret_number) {
        for (size_t i = 0; i < ELEMENTSOF(newer_calls); i++)
                if (strcmp(newer_calls[i], name) == 0) {
                        *ret_number = (uint32_t)(NEWER_CALLS + i);
                        return true;
                }

        return false;
}

/* By their numbers: asked for the number of a call that is in a multiplexer, too, the library tells
 * a number of its own. */
static bool library_knows(const Architecture *architecture, const char *name, uint32_t *ret) {
        static const struct {
                uint32_t first, n;
        } ranges[] = { { 0, 1024 }, { 0x0f0000, 16 } }; /* the second: arm's own */
        uint32_t token = seccomp_arch_resolve_name(architecture->name);

        for (size_t i = 0; i < ELEMENTSOF(ranges); i++)
                for (uint32_t j = 0; j < ranges[i].n; j++) {
                        uint32_t number = architecture->first + ranges[i].first + j;
                        char *found = seccomp_syscall_resolve_num_arch(token, (int)number);
                        bool is_it = found && strcmp(found, name) == 0;

                        free(found);
                        if (is_it) {
                                *ret = number;
                                return true;
                        }
                }

        return false;
}

/* The number of the call NAME; false if ARCHITECTURE does not have it. */
static bool find_number(const Architecture *architecture, const char *name, uint32_t *ret_number) {
        if (is_newer(name, ret_number)) {
                *ret_number += architecture->first;
                return true;
        }

        return is_special(architecture->name, name, ret_number) ||
               library_knows(architecture, name, ret_number);
}

/* Every name must be known somewhere, or it is misspelt. */
static void check_name(const char *name) {
        uint32_t number;
        bool is_known = seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR ||
                        is_newer(name, &number);

        for (size_t i = 0; i < ELEMENTSOF(special_calls); i++)
                is_known |= strcmp(special_calls[i].name, name) == 0;
        if (!is_known)
                die("No number is known for", name);
}

static int compare(const void *a, const void *b) {
        uint32_t x = ((const CallNumber *)a)->number, y = ((const CallNumber *)b)->number;

        return (x > y) - (x < y);
}

static void print_architecture(const Architecture *architecture) {
        size_t n_calls = calls_count(), n = 0;
        CallNumber *numbers = calloc(n_calls, sizeof(CallNumber));

        if (!numbers)
                die("No memory for", architecture->name);
        for (size_t i = 0; i < n_calls; i++) {
                uint32_t number;

                check_name(call_at(i)->name);
                if (find_number(architecture, call_at(i)->name, &number))
                        numbers[n++] = (CallNumber){ number, (uint32_t)i };
        }

        qsort(numbers, n, sizeof(CallNumber), compare);
        printf("\nstatic const CallNumber numbers_%s[] = {\n", architecture->name);
        for (size_t i = 0; i < n; i++) {
                if (i > 0 && numbers[i].number == numbers[i - 1].number)
                        die("Two calls have the number of", call_at(numbers[i].call)->name);
                printf("        { %u, %u }, /* %s */\n", numbers[i].number, numbers[i].call,
                                call_at(numbers[i].call)->name);
        }
        printf("};\n");
        free(numbers);
}

static size_t find(const char *name) {
        size_t index;

        if (!call_find(name, &index))
                die("Not in the table:", name);
        return index;
}

static void
print_multiplexer(const char *name, const char *mask, const char *const *names, size_t n_names) {
        printf("\nstatic const CallNumber numbers_in_%s[] = {\n", name);
        for (size_t i = 0; i < n_names; i++)
                if (names[i])
                        printf("        { %zu, %zu }, /* %s */\n", i, find(names[i]), names[i]);
        printf("};\n\nconst CallMultiplexer call_%s = { %zu, %s, { numbers_in_%s, "
               "ELEMENTSOF(numbers_in_%s) } };\n",
                        name, find(name), mask, name, name);
}

int main(int argc, char **argv) {
        const Architecture *architectures = NULL;

        for (size_t i = 0; argc == 2 && i < ELEMENTSOF(families); i++)
                if (strcmp(families[i].family, argv[1]) == 0)
                        architectures = families[i].architectures;
        if (!architectures)
                die("No architectures are known for", argc == 2 ? argv[1] : "");

        printf("/* Made by call-numbers-generate for %s. */\n\n", argv[1]);
        printf("#include \"base/macro.h\"\n#include \"sys/call-numbers.h\"\n");
        for (const Architecture *i = architectures; i->name; i++)
                print_architecture(i);

        printf("\nconst CallArchitecture call_architectures[] = {\n");
        for (const Architecture *i = architectures; i->name; i++)
                printf("        { 0x%08x, { numbers_%s, ELEMENTSOF(numbers_%s) } },\n",
                                seccomp_arch_resolve_name(i->name), i->name, i->name);
        printf("        { 0, { NULL, 0 } },\n};\n");

        print_multiplexer(
                        "socketcall", "0xffffffff", socketcall_calls, ELEMENTSOF(socketcall_calls));
        print_multiplexer("ipc", "0xffff", ipc_calls, ELEMENTSOF(ipc_calls));
        printf("\nconst uint32_t call_socket = %zu, call_socketpair = %zu;\n", find("socket"),
                        find("socketpair"));
        printf("const uint32_t call_clone = %zu, call_unshare = %zu;\n", find("clone"),
                        find("unshare"));
        return ferror(stdout) || fflush(stdout) != 0;
}
