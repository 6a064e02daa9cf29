/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Programs that are no file.
 */

#include <stddef.h>

/* Puts the SIZE bytes of the program IMAGE into memory that nobody can change any more, as NAME.
 * It can be run by anybody. Who may not read it cannot do so through /proc/PID/exe of its process
 * either, nor trace that: the kernel gives such a process to the user namespace of the owner of
 * its program, who is us.
 *
 * Returns an O_CLOEXEC fd for execveat(2), the caller's; -EACCES if vm.memfd_noexec forbids
 * programs in memory. Source: memfd_create(2), would_dump() in the kernel's fs/exec.c. */
int sealed_program_open(const char *name, const void *image, size_t size);
