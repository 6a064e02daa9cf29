/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The kernel's own check of device nodes: a BPF program at a control group, which every open() and
 * mknod() of a node by a process of that group or below has to pass. All programs from the group
 * up to the root have to agree, so one more can only forbid.
 *
 * The program is written here as instructions; there is no compiler and no library behind it.
 * Source: bpf(2), Documentation/bpf/prog_cgroup_device.rst, include/uapi/linux/bpf.h.
 */

#include <linux/bpf.h>
#include <stddef.h>

#include "base/device-rule.h"

/* Room for the program of N_RULES rules. */
#define DEVICE_FILTER_SIZE(n_rules) (3 * (n_rules) + 17)

/* Writes the program that allows what one of RULES allows and nothing else into RET_PROGRAM, which
 * has room for DEVICE_FILTER_SIZE instructions. No two rules may speak of the same device: the
 * first one would count. Makes no system call. Returns the number of instructions. */
size_t device_filter_build(const DeviceRule *rules, size_t n_rules, struct bpf_insn *ret_program);

/* Loads it. Returns a descriptor that the caller owns; -E2BIG for more than the maximum of rules;
 * -EPERM (no CAP_BPF in the first user namespace, or a filter of system calls), -ENOSYS, -EINVAL
 * (the kernel has no such programs). */
int device_filter_load(const DeviceRule *rules, size_t n_rules);

/* Attaches it to GROUP beside those of others, who keep the right to take theirs away, and asks the
 * kernel whether it is there. It stays as long as the group, whatever becomes of us.
 * -EPERM, -ENOENT, -EBUSY (another program claims the group for itself). */
int device_filter_attach(const char *group, int filter_fd);

/* How many such programs the processes of GROUP have to pass, those of the groups above included.
 * -EPERM, -ENOENT, -EINVAL (the kernel has none). */
int device_filter_count(const char *group);
