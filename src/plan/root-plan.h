/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The part of a plan that says what the root file system is made of: the tree itself, or an overlay
 * of layers; as a whole, or only its /usr.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where an overlay writes to: a folder with data/ and work/, see sys/overlay-folder. */
typedef enum {
        UPPER_NONE,     /* nowhere: it is read-only */
        UPPER_MEMORY,   /* kept from boot to boot, not longer */
        UPPER_ONE_BOOT, /* in memory as well, new for each boot */
        UPPER_BESIDE,   /* as UPPER_MEMORY, in a hidden folder on disk */
        UPPER_FOLDER,   /* a folder of the user's, kept */
        UPPER_MAX,
} UpperKind;

/* A folder that is seen where those above it have nothing. */
typedef struct {
        const char *path;
        bool is_mapped;     /* else its owners are left as they are */
        uint32_t disk_base; /* what the payload's id 0 is on disk */
} LayerPlan;

typedef struct {
        const char *copy_of;   /* the tree is made first, a copy of this; absolute, or NULL */
        const char *copy_name; /* and grows in a folder of this name beside its place */
        bool is_overlay;   /* of `layers`; else the root is the tree with what is mounted in it */
        LayerPlan *layers; /* the topmost first, which is the tree */
        size_t n_layers;
        const char *options; /* of the overlay */
        UpperKind upper;
        const char *upper_parent;   /* the folder that it is in, absolute; NULL in memory */
        const char *upper_name;     /* and its name there */
        bool is_upper_left;         /* it is there, from before a reboot */
        const char *pivot_to;       /* this folder of all that becomes the root, or NULL; */
        const char *pivot_old_at;   /* where the whole is seen in it, or NULL */
        bool has_only_usr;          /* of all that only /usr, read-only, on a tmpfs */
        const char *memory_options; /* of the tmpfs for the upper, or for the root */
} RootPlan;
