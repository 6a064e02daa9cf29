/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The device nodes of the host that --device= names.
 */

#include <stddef.h>
#include <sys/types.h>

typedef struct {
        size_t spec;           /* which of the config's devices it belongs to */
        const char *path;      /* by the name that the user gave, or below that folder */
        const char *real_path; /* the same without links */
        int error;             /* negative errno, -ENODEV: no node; then nothing below is set */
        mode_t mode;           /* with the type */
        dev_t device;
} DeviceFacts;

typedef struct {
        DeviceFacts *items;
        size_t n_items, n_allocated;
} DeviceFactsList;
