/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include "run-bpf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sys/seccomp.h"

struct BpfProgram {
        struct sock_filter instructions[SECCOMP_PROGRAM_MAX];
        int n_instructions;
};

BpfProgram *bpf_program_new(const CallFilter *filter) {
        BpfProgram *program = calloc(1, sizeof *program);

        assert_non_null(program);
        program->n_instructions = seccomp_compile(filter, program->instructions);
        assert_true(program->n_instructions > 0);
        return program;
}

BpfProgram *bpf_program_new_from(const struct sock_filter *instructions, int n_instructions) {
        BpfProgram *program = calloc(1, sizeof *program);

        assert_non_null(program);
        assert_in_range(n_instructions, 1, SECCOMP_PROGRAM_MAX);
        memcpy(program->instructions, instructions, (size_t)n_instructions * sizeof *instructions);
        program->n_instructions = n_instructions;
        return program;
}

void bpf_program_free(BpfProgram *program) {
        free(program);
}

int bpf_program_length(const BpfProgram *program) {
        return program->n_instructions;
}

uint32_t bpf_program_run(const BpfProgram *program, const struct seccomp_data *data) {
        uint32_t a = 0;

        for (int i = 0; i < program->n_instructions; i++) {
                const struct sock_filter *step = &program->instructions[i];
                bool is_met = false;

                switch (step->code) {
                case BPF_LD | BPF_W | BPF_ABS:
                        assert_true(step->k + sizeof a <= sizeof *data);
                        memcpy(&a, (const char *)data + step->k, sizeof a);
                        continue;
                case BPF_ALU | BPF_AND | BPF_K:
                        a &= step->k;
                        continue;
                case BPF_RET | BPF_K:
                        return step->k;
                case BPF_JMP | BPF_JA:
                        i += (int)step->k;
                        continue;
                case BPF_JMP | BPF_JEQ | BPF_K:
                        is_met = a == step->k;
                        break;
                case BPF_JMP | BPF_JSET | BPF_K:
                        is_met = a & step->k;
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
