/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which device nodes may be used, and how: one rule for a device, or for all of one major number.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"

enum {
        DEVICE_READ = 1 << 0,
        DEVICE_WRITE = 1 << 1,
        DEVICE_MKNOD = 1 << 2,
        DEVICE_ALL = DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD,
};

/* More than this are not one filter. */
enum { DEVICE_RULES_MAX = 1024 };

/* Majors have 12 bits and minors 20, for the kernel; this is no minor. */
#define DEVICE_ANY_MINOR (~0U)

typedef struct {
        mode_t type; /* S_IFCHR or S_IFBLK */
        unsigned major;
        unsigned minor;  /* or DEVICE_ANY_MINOR */
        unsigned access; /* DEVICE_READ, … */
} DeviceRule;

/* The letters of an access, as in "rwm"; TEXT has room for all three and a NUL. */
const char *device_access_to_text(unsigned access, char text[static 4]);

/* The other way round: one to three different letters. -EINVAL. */
int device_access_parse(const char *text, unsigned *ret_access);

/* "c10:200 rwm", or with "*" for any minor number. */
const char *device_rule_to_text(Arena *arena, const DeviceRule *rule);
