/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sys/device-filter.h"

/*
 * A machine for the few instructions that device_filter_build() writes; any other fails the test.
 */

static uint32_t compute(const struct bpf_insn *at, uint32_t value, uint32_t operand) {
        switch (BPF_OP(at->code)) {
        case BPF_MOV:
                return operand;
        case BPF_AND:
                return value & operand;
        case BPF_OR:
                return value | operand;
        case BPF_LSH:
                return value << operand;
        case BPF_RSH:
                return value >> operand;
        default:
                fail_msg("unknown operation 0x%x", at->code);
                return 0;
        }
}

static bool jumps(const struct bpf_insn *at, uint32_t value) {
        switch (at->code) {
        case BPF_JMP | BPF_JA:
                return true;
        case BPF_JMP32 | BPF_K | BPF_JEQ:
                return value == (uint32_t)at->imm;
        case BPF_JMP32 | BPF_K | BPF_JNE:
                return value != (uint32_t)at->imm;
        case BPF_JMP32 | BPF_K | BPF_JSET:
                return (value & (uint32_t)at->imm) != 0;
        default:
                fail_msg("unknown jump 0x%x", at->code);
                return false;
        }
}

static uint32_t run(const struct bpf_insn *program, size_t n, const uint32_t context[static 3]) {
        uint32_t registers[11] = { 0 };
        size_t i = 0;

        for (size_t steps = 0; steps < n && i < n; steps++, i++) {
                const struct bpf_insn *at = &program[i];
                uint32_t *to = &registers[at->dst_reg];

                if (at->code == (BPF_JMP | BPF_EXIT))
                        return registers[0];

                if (at->code == (BPF_LDX | BPF_MEM | BPF_W)) {
                        assert_int_equal(at->src_reg, BPF_REG_1);
                        assert_in_range(at->off, 0, 8);
                        *to = context[at->off / 4];
                } else if (BPF_CLASS(at->code) == BPF_ALU)
                        *to = compute(at, *to,
                                        BPF_SRC(at->code) == BPF_X ? registers[at->src_reg]
                                                                   : (uint32_t)at->imm);
                else if (jumps(at, *to))
                        i += (size_t)at->off;
        }

        fail_msg("it ran off its end, at instruction %zu of %zu", i, n);
        return 0;
}

/* What the rules say, in the plainest way. The kernel's letters are in another order. */
static bool is_allowed(const DeviceRule *rules,
                size_t n_rules,
                const DeviceRule *device,
                unsigned kernel_access) {
        static const unsigned bits[] = { DEVICE_READ, DEVICE_WRITE, DEVICE_MKNOD };
        static const unsigned kernel_bits[] = { BPF_DEVCG_ACC_READ, BPF_DEVCG_ACC_WRITE,
                BPF_DEVCG_ACC_MKNOD };

        for (size_t i = 0; i < n_rules; i++) {
                if (rules[i].type != device->type || rules[i].major != device->major)
                        continue;
                if (rules[i].minor != DEVICE_ANY_MINOR && rules[i].minor != device->minor)
                        continue;
                for (size_t j = 0; j < ELEMENTSOF(bits); j++)
                        if ((kernel_access & kernel_bits[j]) && !(rules[i].access & bits[j]))
                                return false;
                return true;
        }

        return false;
}

static void check(const DeviceRule *rules, size_t n_rules) {
        static const unsigned majors[] = { 0, 1, 5, 7, 10, 136, 137, 511, 4095 };
        static const unsigned minors[] = { 0, 1, 3, 5, 255, 256, 65536 + 3, (1 << 20) - 1 };
        struct bpf_insn *program = calloc(DEVICE_FILTER_SIZE(n_rules), sizeof *program);
        size_t n;

        assert_non_null(program);
        n = device_filter_build(rules, n_rules, program);
        assert_in_range(n, 1, DEVICE_FILTER_SIZE(n_rules));

        for (size_t i = 0; i < ELEMENTSOF(majors) * ELEMENTSOF(minors) * 2 * 8; i++) {
                unsigned access = i % 8;
                const DeviceRule device = {
                        .type = i / 8 % 2 ? S_IFBLK : S_IFCHR,
                        .major = majors[i / 16 % ELEMENTSOF(majors)],
                        .minor = minors[i / 16 / ELEMENTSOF(majors)],
                };
                const uint32_t context[] = {
                        access << 16 | (device.type == S_IFBLK ? BPF_DEVCG_DEV_BLOCK
                                                               : BPF_DEVCG_DEV_CHAR),
                        device.major,
                        device.minor,
                };

                if (run(program, n, context) != is_allowed(rules, n_rules, &device, access))
                        fail_msg("%c%u:%u access %u of %zu rules",
                                        device.type == S_IFBLK ? 'b' : 'c', device.major,
                                        device.minor, access, n_rules);
        }
        free(program);
}

static const DeviceRule usual[] = {
        { S_IFCHR, 1, 3, DEVICE_ALL },
        { S_IFCHR, 5, 0, DEVICE_ALL },
        { S_IFBLK, 7, 0, DEVICE_READ },
        { S_IFCHR, 7, 0, DEVICE_WRITE | DEVICE_MKNOD },
        { S_IFCHR, 136, DEVICE_ANY_MINOR, DEVICE_READ | DEVICE_WRITE },
        { S_IFBLK, 1, 256, DEVICE_ALL },
        { S_IFBLK, 4095, (1 << 20) - 1, DEVICE_ALL },
        { S_IFBLK, 511, DEVICE_ANY_MINOR, DEVICE_ALL },
        { S_IFCHR, 10, 65536 + 3, DEVICE_READ },
};

static void what_a_rule_allows_passes_and_nothing_else(void **state) {
        (void)state;
        check(usual, ELEMENTSOF(usual));
}

static void one_rule_of_each_access_is_enough(void **state) {
        (void)state;
        for (unsigned access = 1; access <= DEVICE_ALL; access++) {
                check(&(DeviceRule){ S_IFCHR, 1, 3, access }, 1);
                check(&(DeviceRule){ S_IFBLK, 0, DEVICE_ANY_MINOR, access }, 1);
        }
}

static void without_rules_nothing_passes(void **state) {
        (void)state;
        check(NULL, 0);
}

static void the_last_of_very_many_rules_counts(void **state) {
        static DeviceRule rules[DEVICE_RULES_MAX];

        (void)state;
        for (unsigned i = 0; i < ELEMENTSOF(rules); i++)
                rules[i] = (DeviceRule){ i % 2 ? S_IFCHR : S_IFBLK, 200, i, DEVICE_READ };
        rules[ELEMENTSOF(rules) - 1] = (DeviceRule){ S_IFCHR, 511, 255, DEVICE_WRITE };
        rules[ELEMENTSOF(rules) - 2] = (DeviceRule){ S_IFBLK, 511, 256, DEVICE_ALL };
        check(rules, ELEMENTSOF(rules));
}

static void more_rules_than_the_maximum_are_not_loaded(void **state) {
        (void)state;
        assert_int_equal(device_filter_load(NULL, DEVICE_RULES_MAX + 1), -E2BIG);
}

static void access_is_written_in_letters(void **state) {
        static const char *const bad[] = { "", "x", "rr", "rwmr", "R", "r w", "rw," };
        unsigned access = 0;
        char text[4];

        (void)state;
        for (unsigned i = 1; i <= DEVICE_ALL; i++) {
                assert_int_equal(device_access_parse(device_access_to_text(i, text), &access), 0);
                assert_int_equal(access, i);
        }
        assert_string_equal(device_access_to_text(DEVICE_ALL, text), "rwm");
        assert_int_equal(device_access_parse("mr", &access), 0);
        assert_int_equal(access, DEVICE_READ | DEVICE_MKNOD);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(device_access_parse(bad[i], &access), -EINVAL);
        assert_int_equal(access, DEVICE_READ | DEVICE_MKNOD);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_rule_allows_passes_and_nothing_else),
        cmocka_unit_test(one_rule_of_each_access_is_enough),
        cmocka_unit_test(without_rules_nothing_passes),
        cmocka_unit_test(the_last_of_very_many_rules_counts),
        cmocka_unit_test(more_rules_than_the_maximum_are_not_loaded),
        cmocka_unit_test(access_is_written_in_letters),
};

UNIT_TEST_MAIN(tests)
