/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Everything that is looked up is a list of ranges, each with what holds from its first number to
 * the next range: numbers of calls, families of sockets, numbers within a multiplexer. A list
 * becomes a balanced tree of comparisons with a leaf per range.
 */

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address-family.h"
#include "base/macro.h"
#include "base/namespaces.h"
#include "sys/call-numbers.h"
#include "sys/seccomp.h"

/* The first number of x32; with it come numbers of x86-64. Nowhere else are there any as high. */
#define X32_FIRST 0x40000000U

/* Where a comparison has room for the way. */
enum { JUMP_MAX = 255, RANGES_MAX = 2048, FAMILY_BITS = 64 };

/* What a leaf looks at before it answers. */
typedef enum {
        CHECK_NOTHING,
        CHECK_FAMILY,
        CHECK_NETLINK,
        CHECK_SOCKETCALL,
        CHECK_IPC,
        CHECK_CLONE,
        CHECK_UNSHARE,
} Check;

typedef struct {
        uint32_t first;
        Check check;
        uint32_t action; /* CHECK_NOTHING only: what the program returns */
} Range;

typedef struct {
        Range *items;
        size_t n_items;
} Ranges;

typedef struct {
        const CallFilter *filter;
        uint32_t audit_architecture; /* that it is at */
        struct sock_filter *instructions;
        size_t n_instructions;
        bool is_too_big;
} Compiler;

#define REFUSE(error) (SECCOMP_RET_ERRNO | (error))

static const uint32_t actions[VERDICT_MAX] = {
        [VERDICT_ABSENT] = REFUSE(ENOSYS),
        [VERDICT_ALLOW] = SECCOMP_RET_ALLOW,
        [VERDICT_DENY] = REFUSE(EPERM),
        [VERDICT_SUCCEED] = REFUSE(0),
};

/* From FIRST on; neighbours that are alike become one. */
static void add_range(Ranges *ranges, uint32_t first, Check check, uint32_t action) {
        const Range *last = ranges->n_items > 0 ? &ranges->items[ranges->n_items - 1] : NULL;

        if (last && check == CHECK_NOTHING && last->check == check && last->action == action)
                return;

        ranges->items[ranges->n_items++] =
                        (Range){ .first = first, .check = check, .action = action };
}

static void emit(Compiler *compiler, unsigned code, uint32_t k, unsigned jt, unsigned jf) {
        if (compiler->n_instructions >= SECCOMP_PROGRAM_MAX) {
                compiler->is_too_big = true;
                return;
        }

        compiler->instructions[compiler->n_instructions++] = (struct sock_filter){
                .code = (uint16_t)code,
                .jt = (uint8_t)jt,
                .jf = (uint8_t)jf,
                .k = k,
        };
}

static void emit_return(Compiler *compiler, uint32_t action) {
        emit(compiler, BPF_RET | BPF_K, action, 0, 0);
}

static void emit_load(Compiler *compiler, size_t offset) {
        emit(compiler, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The low half of an argument. The kernel's own calls take an int, whatever is in the other half:
 * who compares that, too, can be fooled. */
static void emit_load_argument(Compiler *compiler, unsigned i) {
        size_t offset = offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);

        emit_load(compiler, offset + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0));
}

/* Lets the instruction at BRANCH jump to the end of what was emitted since if its condition is
 * met; with one more instruction if that is far. */
static void close_branch(Compiler *compiler, size_t branch) {
        struct sock_filter *start = compiler->instructions + branch + 1;
        size_t distance = compiler->n_instructions - branch - 1;

        if (distance <= JUMP_MAX) {
                compiler->instructions[branch].jt = (uint8_t)distance;
                return;
        }

        emit_return(compiler, 0); /* room for one */
        if (compiler->is_too_big)
                return;
        memmove(start + 1, start, distance * sizeof *start);
        *start = (struct sock_filter){ .code = BPF_JMP | BPF_JA, .k = (uint32_t)distance };
        compiler->instructions[branch].jf = 1;
}

static void family_ranges(const CallFilter *filter, Ranges *ranges) {
        for (unsigned family = 0; family < FAMILY_BITS; family++) {
                bool is_allowed = filter->families & FAMILY_BIT(family);

                if (is_allowed && family == AF_NETLINK && !filter->has_audit)
                        add_range(ranges, family, CHECK_NETLINK, 0);
                else
                        add_range(ranges, family, CHECK_NOTHING,
                                        is_allowed ? SECCOMP_RET_ALLOW : REFUSE(EAFNOSUPPORT));
        }
        add_range(ranges, FAMILY_BITS, CHECK_NOTHING,
                        filter->families == FAMILIES_ANY ? SECCOMP_RET_ALLOW
                                                         : REFUSE(EAFNOSUPPORT));
}

static bool opens_sockets(uint32_t call) {
        return call == call_socket || call == call_socketpair;
}

/* What can be in it but is not in its table does not exist: the kernel says that itself. */
static void
multiplexer_ranges(const CallFilter *filter, const CallMultiplexer *multiplexer, Ranges *ranges) {
        bool bounds_sockets = filter->families != FAMILIES_ANY || !filter->has_audit;
        uint32_t next = 0;

        for (size_t i = 0; i < multiplexer->numbers.n_items; i++) {
                const CallNumber *number = &multiplexer->numbers.items[i];
                CallVerdict verdict = (CallVerdict)filter->verdicts[number->call];

                if (verdict == VERDICT_ALLOW && opens_sockets(number->call) && bounds_sockets &&
                                !filter->trusts_socketcall)
                        verdict = VERDICT_ABSENT;
                if (number->number > next)
                        add_range(ranges, next, CHECK_NOTHING, SECCOMP_RET_ALLOW);
                add_range(ranges, number->number, CHECK_NOTHING, actions[verdict]);
                next = number->number + 1;
        }
        add_range(ranges, next, CHECK_NOTHING, SECCOMP_RET_ALLOW);
}

/* The leaf of families and of multiplexers. */
static void emit_answer(Compiler *compiler, const Range *range) {
        if (range->check == CHECK_NETLINK) {
                emit_load_argument(compiler, 2);
                emit(compiler, BPF_JMP | BPF_JEQ | BPF_K, NETLINK_AUDIT, 0, 1);
                emit_return(compiler, REFUSE(EAFNOSUPPORT));
                emit_return(compiler, SECCOMP_RET_ALLOW);
                return;
        }

        emit_return(compiler, range->action);
}

typedef void EmitLeaf(Compiler *compiler, const Range *range);

static void
emit_tree(Compiler *compiler, const Range *ranges, size_t n_ranges, EmitLeaf *emit_leaf) {
        size_t half = n_ranges / 2, branch = compiler->n_instructions;

        if (n_ranges == 1) {
                emit_leaf(compiler, ranges);
                return;
        }

        emit(compiler, BPF_JMP | BPF_JGE | BPF_K, ranges[half].first, 0, 0);
        emit_tree(compiler, ranges, half, emit_leaf);
        close_branch(compiler, branch);
        emit_tree(compiler, ranges + half, n_ranges - half, emit_leaf);
}

/* clone() has the signal of the child's end where CLONE_NEWTIME is, and makes none of those. On
 * s390 its flags are the second argument. */
static void emit_namespaces(Compiler *compiler, const Range *range) {
        uint32_t denied = NAMESPACES_ALL & ~compiler->filter->namespaces;
        bool is_s390 = compiler->audit_architecture == AUDIT_ARCH_S390 ||
                       compiler->audit_architecture == AUDIT_ARCH_S390X;

        if (range->check == CHECK_CLONE)
                denied &= ~(uint32_t)CLONE_NEWTIME;
        emit_load_argument(compiler, range->check == CHECK_CLONE && is_s390 ? 1 : 0);
        emit(compiler, BPF_JMP | BPF_JSET | BPF_K, denied, 0, 1);
        emit_return(compiler, REFUSE(EPERM));
        emit_return(compiler, SECCOMP_RET_ALLOW);
}

/* The leaf of calls. */
static void emit_call(Compiler *compiler, const Range *range) {
        const CallMultiplexer *multiplexer =
                        range->check == CHECK_IPC ? &call_ipc : &call_socketcall;
        Range items[2 * FAMILY_BITS];
        Ranges ranges = { .items = items };

        if (range->check == CHECK_CLONE || range->check == CHECK_UNSHARE) {
                emit_namespaces(compiler, range);
                return;
        }

        if (range->check == CHECK_NOTHING)
                add_range(&ranges, 0, CHECK_NOTHING, range->action);
        else if (range->check == CHECK_FAMILY)
                family_ranges(compiler->filter, &ranges);
        else
                multiplexer_ranges(compiler->filter, multiplexer, &ranges);

        /* Without a look at the arguments, if they do not matter: the kernel remembers that. */
        if (ranges.n_items > 1) {
                emit_load_argument(compiler, 0);
                if (range->check != CHECK_FAMILY)
                        emit(compiler, BPF_ALU | BPF_AND | BPF_K, multiplexer->mask, 0, 0);
        }
        emit_tree(compiler, items, ranges.n_items, emit_answer);
}

static Check check_for(const CallFilter *filter, uint32_t call) {
        if (filter->verdicts[call] != VERDICT_ALLOW)
                return CHECK_NOTHING;
        if (opens_sockets(call))
                return CHECK_FAMILY;
        if (filter->namespaces != NAMESPACES_ALL && call == call_clone)
                return CHECK_CLONE;
        if (filter->namespaces != NAMESPACES_ALL && call == call_unshare)
                return CHECK_UNSHARE;
        if (call == call_socketcall.call)
                return CHECK_SOCKETCALL;
        return call == call_ipc.call ? CHECK_IPC : CHECK_NOTHING;
}

static void emit_architecture(Compiler *compiler, const CallArchitecture *architecture) {
        const CallFilter *filter = compiler->filter;
        Range items[RANGES_MAX];
        Ranges ranges = { .items = items };
        uint32_t next = 0;

        for (size_t i = 0; i < architecture->numbers.n_items; i++) {
                const CallNumber *number = &architecture->numbers.items[i];

                if (number->number > next)
                        add_range(&ranges, next, CHECK_NOTHING, actions[filter->otherwise]);
                add_range(&ranges, number->number, check_for(filter, number->call),
                                actions[filter->verdicts[number->call]]);
                next = number->number + 1;
        }
        add_range(&ranges, next, CHECK_NOTHING, actions[filter->otherwise]);
        add_range(&ranges, X32_FIRST, CHECK_NOTHING, REFUSE(ENOSYS));
        add_range(&ranges, UINT32_MAX, CHECK_NOTHING, SECCOMP_RET_ALLOW);

        compiler->audit_architecture = architecture->audit_architecture;
        emit_load(compiler, offsetof(struct seccomp_data, nr));
        emit_tree(compiler, items, ranges.n_items, emit_call);
}

int seccomp_compile(const CallFilter *filter, struct sock_filter program[SECCOMP_PROGRAM_MAX]) {
        Compiler compiler = { .filter = filter, .instructions = program };

        emit_load(&compiler, offsetof(struct seccomp_data, arch));
        for (const CallArchitecture *i = call_architectures; i->audit_architecture != 0; i++) {
                size_t branch;

                /* If it is this one, over the jump behind the comparison. */
                emit(&compiler, BPF_JMP | BPF_JEQ | BPF_K, i->audit_architecture, 1, 0);
                branch = compiler.n_instructions;
                emit(&compiler, BPF_JMP | BPF_JA, 0, 0, 0);
                emit_architecture(&compiler, i);
                if (compiler.is_too_big)
                        return -E2BIG;
                program[branch].k = (uint32_t)(compiler.n_instructions - branch - 1);
        }
        emit_return(&compiler, actions[filter->otherwise]);

        return compiler.is_too_big ? -E2BIG : (int)compiler.n_instructions;
}
