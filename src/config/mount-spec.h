/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What --bind=, --tmpfs=, --overlay=, --inaccessible= and their kin ask for. Zero is always "nobody
 * said anything".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id-range.h"

typedef enum {
        MOUNT_SPEC_BIND,
        MOUNT_SPEC_TMPFS,
        MOUNT_SPEC_OVERLAY,
        MOUNT_SPEC_INACCESSIBLE,
        MOUNT_SPEC_MAX,
} MountSpecKind;

/* Who in the payload the owners of a bind's files are. */
typedef enum {
        SPEC_MAP_DEFAULT, /* by the owner of the source; see plan-map.c */
        SPEC_MAP_NONE,    /* noidmap: as on the host, so mostly nobody */
        SPEC_MAP_SAME,    /* idmap: the same id */
        SPEC_MAP_ROOT,    /* rootidmap: root is the owner of the source */
        SPEC_MAP_OWNER,   /* owneridmap: the owner of the target is the owner of the source */
        SPEC_MAP_RANGES,  /* map=: as written */
        SPEC_MAP_MAX,
} MountSpecMap;

typedef struct {
        IdRange *items;
        size_t n_items, n_allocated;
} IdRangeList;

typedef struct {
        const char *path; /* as written, without a leading "+"; NULL: a temporary folder */
        bool is_inside;   /* it had the "+": below the tree, and absolute there */
} MountSource;

typedef struct {
        MountSpecKind kind;
        const char *target;   /* absolute, normalised */
        MountSource *sources; /* bind: one; overlay: at least two, lowest first, the upper last */
        size_t n_sources;
        bool is_read_only;        /* overlay: all sources are lowers */
        bool is_recursive;        /* bind: with the submounts */
        bool is_optional;         /* bind: only if the source is there */
        uint64_t attributes;      /* MOUNT_ATTR_* to set, */
        uint64_t attributes_gone; /* and to clear */

        MountSpecMap map;
        IdRangeList users, groups; /* SPEC_MAP_RANGES: INSIDE the payload, OUTSIDE on the host */

        const char *options; /* tmpfs: for the file system, without uid and gid; "" if none */
        bool has_uid, has_gid;
        uint32_t uid, gid; /* ids inside */
} MountSpec;

/* In the order given. */
typedef struct {
        MountSpec *items;
        size_t n_items, n_allocated;
} MountSpecList;
