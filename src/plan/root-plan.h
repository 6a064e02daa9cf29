/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The part of a plan that says what the root file system is made of.
 */

#include <stdbool.h>

/* Where an overlay writes to: a folder with data/ and work/, see sys/overlay. */
typedef enum {
        UPPER_NONE,   /* nowhere: it is read-only */
        UPPER_MEMORY, /* kept from boot to boot, not longer */
        UPPER_BESIDE, /* the same in a hidden folder on disk */
        UPPER_MAX,
} UpperKind;

/* What the root is made of, if it is not the tree itself. */
typedef struct {
        bool is_overlay;
        UpperKind upper;
        const char *upper_parent;   /* UPPER_BESIDE: absolute path of the folder that it is in */
        const char *upper_name;     /* and its name there */
        const char *memory_options; /* UPPER_MEMORY: of the tmpfs */
        const char *options;        /* of the overlay */
} RootPlan;
