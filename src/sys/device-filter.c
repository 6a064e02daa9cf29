/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/device-filter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Programs that one group can have. Source: BPF_CGROUP_MAX_PROGS in linux/bpf-cgroup-defs.h. */
enum { PROGRAMS_MAX = 64 };

/* What the registers hold, from the first instructions on. */
enum {
        REGISTER_RESULT = BPF_REG_0,
        REGISTER_CONTEXT = BPF_REG_1,
        REGISTER_TYPE = BPF_REG_2,
        REGISTER_ACCESS = BPF_REG_3,
        REGISTER_MAJOR = BPF_REG_4,
        REGISTER_NUMBER = BPF_REG_5, /* major and minor in one, as the kernel's own dev_t */
};

enum { MINOR_BITS = 20 };

/* Targets of jumps whose distance is known once all rules are written. */
enum { TO_ALLOW = -1, TO_DENY = -2 };

typedef struct {
        struct bpf_insn *instructions;
        size_t n;
} Program;

static void emit(Program *program, struct bpf_insn instruction) {
        program->instructions[program->n++] = instruction;
}

static void emit_load(Program *program, uint8_t to, size_t offset) {
        emit(program, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
                                      .dst_reg = to & 0xf,
                                      .src_reg = REGISTER_CONTEXT,
                                      .off = (int16_t)offset });
}

static void emit_constant(Program *program, uint8_t operation, uint8_t to, int32_t constant) {
        emit(program, (struct bpf_insn){ .code = BPF_ALU | BPF_K | operation,
                                      .dst_reg = to & 0xf,
                                      .imm = constant });
}

static void emit_register(Program *program, uint8_t operation, uint8_t to, uint8_t from) {
        emit(program, (struct bpf_insn){ .code = BPF_ALU | BPF_X | operation,
                                      .dst_reg = to & 0xf,
                                      .src_reg = from & 0xf });
}

/* Where to go on: a number of instructions to skip, or TO_ALLOW or TO_DENY. */
static void emit_jump(Program *program, int16_t target) {
        emit(program, (struct bpf_insn){ .code = BPF_JMP | BPF_JA, .off = target });
}

static void
emit_jump_if(Program *program, uint8_t test, uint8_t operand, unsigned constant, int16_t target) {
        emit(program, (struct bpf_insn){ .code = BPF_JMP32 | BPF_K | test,
                                      .dst_reg = operand & 0xf,
                                      .off = target,
                                      .imm = (int32_t)constant });
}

static void emit_end(Program *program, int32_t result) {
        emit_constant(program, BPF_MOV, REGISTER_RESULT, result);
        emit(program, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

static void emit_start(Program *program) {
        emit_load(program, REGISTER_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
        emit_load(program, REGISTER_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
        emit_load(program, REGISTER_NUMBER, offsetof(struct bpf_cgroup_dev_ctx, minor));

        /* Access in the upper half, type in the lower. */
        emit_register(program, BPF_MOV, REGISTER_ACCESS, REGISTER_TYPE);
        emit_constant(program, BPF_RSH, REGISTER_ACCESS, 16);
        emit_constant(program, BPF_AND, REGISTER_TYPE, 0xffff);

        emit_register(program, BPF_MOV, REGISTER_RESULT, REGISTER_MAJOR);
        emit_constant(program, BPF_LSH, REGISTER_RESULT, MINOR_BITS);
        emit_register(program, BPF_OR, REGISTER_NUMBER, REGISTER_RESULT);
}

static unsigned denied_bits(unsigned access) {
        return (access & DEVICE_MKNOD ? 0 : BPF_DEVCG_ACC_MKNOD) |
               (access & DEVICE_READ ? 0 : BPF_DEVCG_ACC_READ) |
               (access & DEVICE_WRITE ? 0 : BPF_DEVCG_ACC_WRITE);
}

static void emit_rule(Program *program, const DeviceRule *rule) {
        bool is_any = rule->minor == DEVICE_ANY_MINOR;
        uint8_t operand = is_any ? REGISTER_MAJOR : REGISTER_NUMBER;
        unsigned number = is_any ? rule->major : rule->major << MINOR_BITS | rule->minor;
        unsigned denied = denied_bits(rule->access);

        if (denied == 0) {
                emit_jump_if(program, BPF_JEQ, operand, number, TO_ALLOW);
                return;
        }

        emit_jump_if(program, BPF_JNE, operand, number, 2);
        emit_jump_if(program, BPF_JSET, REGISTER_ACCESS, denied, TO_DENY);
        emit_jump(program, TO_ALLOW);
}

/* The rules of one type; devices of another go on behind them. */
static void emit_rules(Program *program,
                const DeviceRule *rules,
                size_t n_rules,
                mode_t type,
                unsigned type_number) {
        size_t start = program->n;

        emit_jump_if(program, BPF_JNE, REGISTER_TYPE, type_number, 0);
        for (size_t i = 0; i < n_rules; i++)
                if (rules[i].type == type)
                        emit_rule(program, &rules[i]);
        emit_jump(program, TO_DENY);
        program->instructions[start].off = (int16_t)(program->n - start - 1);
}

size_t device_filter_build(const DeviceRule *rules, size_t n_rules, struct bpf_insn *ret_program) {
        Program program = { .instructions = ret_program };
        size_t deny, allow;

        emit_start(&program);
        emit_rules(&program, rules, n_rules, S_IFCHR, BPF_DEVCG_DEV_CHAR);
        emit_rules(&program, rules, n_rules, S_IFBLK, BPF_DEVCG_DEV_BLOCK);
        deny = program.n;
        emit_end(&program, 0);
        allow = program.n;
        if (n_rules > 0) /* the kernel refuses what can never be reached */
                emit_end(&program, 1);

        for (size_t i = 0; i < program.n; i++) {
                struct bpf_insn *instruction = &ret_program[i];

                if (instruction->off == TO_ALLOW)
                        instruction->off = (int16_t)(allow - i - 1);
                else if (instruction->off == TO_DENY)
                        instruction->off = (int16_t)(deny - i - 1);
        }

        return program.n;
}

static int call_bpf(enum bpf_cmd command, union bpf_attr *attributes) {
        int r = (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);

        return r < 0 ? -errno : r;
}

int device_filter_load(const DeviceRule *rules, size_t n_rules) {
        union bpf_attr attributes = {
                .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                .expected_attach_type = BPF_CGROUP_DEVICE,
                .license = (uint64_t)(uintptr_t) "LGPL",
                .prog_name = "boot_tree_dev", /* for who lists programs */
        };
        CLEANUP_FREE struct bpf_insn *program = NULL;

        if (n_rules > DEVICE_RULES_MAX)
                return -E2BIG;
        program = malloc(DEVICE_FILTER_SIZE(n_rules) * sizeof *program);
        if (!program)
                return -ENOMEM;

        attributes.insn_cnt = (uint32_t)device_filter_build(rules, n_rules, program);
        attributes.insns = (uint64_t)(uintptr_t)program;
        return call_bpf(BPF_PROG_LOAD, &attributes); /* close-on-exec by nature */
}

static int get_id(int filter_fd, uint32_t *ret_id) {
        struct bpf_prog_info info = { 0 };
        union bpf_attr attributes = {
                .info = { .bpf_fd = (uint32_t)filter_fd,
                                .info_len = sizeof info,
                                .info = (uint64_t)(uintptr_t)&info },
        };
        int r;

        r = call_bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes);
        if (r < 0)
                return r;

        *ret_id = info.id;
        return 0;
}

static int verify(int group_fd, int filter_fd) {
        uint32_t ids[PROGRAMS_MAX], id;
        union bpf_attr attributes = {
                .query = { .target_fd = (uint32_t)group_fd,
                                .attach_type = BPF_CGROUP_DEVICE,
                                .prog_ids = (uint64_t)(uintptr_t)ids,
                                .prog_cnt = PROGRAMS_MAX },
        };
        int r;

        r = get_id(filter_fd, &id);
        if (r >= 0)
                r = call_bpf(BPF_PROG_QUERY, &attributes);
        if (r < 0)
                return r;

        for (uint32_t i = 0; i < attributes.query.prog_cnt; i++)
                if (ids[i] == id)
                        return 0;

        return -ENOENT;
}

int device_filter_attach(const char *group, int filter_fd) {
        CLEANUP_CLOSE int group_fd = -EBADF;
        union bpf_attr attributes = {
                .attach_bpf_fd = (uint32_t)filter_fd,
                .attach_type = BPF_CGROUP_DEVICE,
                .attach_flags = BPF_F_ALLOW_MULTI,
        };
        int r;

        group_fd = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (group_fd < 0)
                return -errno;

        attributes.target_fd = (uint32_t)group_fd;
        r = call_bpf(BPF_PROG_ATTACH, &attributes);
        if (r < 0)
                return r;

        return verify(group_fd, filter_fd);
}

int device_filter_count(const char *group) {
        CLEANUP_CLOSE int group_fd = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        union bpf_attr attributes = {
                .query = { .attach_type = BPF_CGROUP_DEVICE, .query_flags = BPF_F_QUERY_EFFECTIVE },
        };
        int r;

        if (group_fd < 0)
                return -errno;

        attributes.query.target_fd = (uint32_t)group_fd;
        r = call_bpf(BPF_PROG_QUERY, &attributes);
        return r < 0 ? r : (int)attributes.query.prog_cnt;
}
