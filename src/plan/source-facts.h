/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is true of the host's files and folders that the user wants to see inside.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A path on the host that was opened to be mounted; container/sources has the descriptor. */
typedef struct {
        const char *path;      /* as the user wrote it; finds the source */
        const char *real_path; /* absolute, links resolved as far as it exists */
        int error;             /* negative errno if it could not be opened; all below is unset */
        mode_t mode;
        dev_t device; /* if it is a device node: which */
        uint32_t uid, gid;
        bool is_mount_point; /* something is mounted exactly there */
        bool is_exposed;     /* a folder that host users other than root can reach */
} SourceFacts;

typedef struct {
        SourceFacts *items;
        size_t n_items, n_allocated;
} SourceList;
