/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What --device= asks for.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct {
        const char *source; /* absolute and simplified on the host, or a short name without slash */
        const char *target; /* absolute, simplified, below /dev; NULL: as on the host */
        unsigned access;    /* DEVICE_READ, …; 0: all */
        bool is_optional;   /* no such device: no error */
} DeviceSpec;

/* In the order given. */
typedef struct {
        DeviceSpec *items;
        size_t n_items, n_allocated;
} DeviceSpecList;

/* The paths that a short name stands for, NULL at the end: patterns as in glob(7), of which only
 * some may exist; or NULL if NAME is none. */
const char *const *device_name_paths(const char *name);
