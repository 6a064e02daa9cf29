/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Processor architectures that programs are made for, as far as it matters which one a program is.
 */

#include <stddef.h>

typedef enum {
        ARCHITECTURE_UNKNOWN,
        ARCHITECTURE_X86,
        ARCHITECTURE_X86_64,
        ARCHITECTURE_ARM,
        ARCHITECTURE_ARM64,
        ARCHITECTURE_MAX,
} Architecture;

/* "x86", "x86-64", "arm", "arm64"; NULL for the unknown one. */
extern const char *const architecture_names[ARCHITECTURE_MAX];

/* Of the program that starts with the SIZE bytes at HEADER; UNKNOWN if that is no ELF header, or of
 * another one. Source: elf(5). */
Architecture architecture_of_program(const void *header, size_t size);

/* What PLATFORM, the kernel's word for a program's architecture (AT_PLATFORM), stands for. */
Architecture architecture_of_platform(const char *platform);

/* The one with half as many bits whose programs run here as well; UNKNOWN if there is none. */
Architecture architecture_secondary(Architecture architecture);
