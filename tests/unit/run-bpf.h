/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the kernel makes of a filter for system calls.
 */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

#include "base/call-filter.h"

/* A filter, compiled. */
typedef struct BpfProgram BpfProgram;

BpfProgram *bpf_program_new(const CallFilter *filter);

/* The same of a program that others compiled; copied. */
BpfProgram *bpf_program_new_from(const struct sock_filter *instructions, int n_instructions);

void bpf_program_free(BpfProgram *program);
int bpf_program_length(const BpfProgram *program);

/* What it returns for that call. An instruction that no filter has fails the test. */
uint32_t bpf_program_run(const BpfProgram *program, const struct seccomp_data *data);
