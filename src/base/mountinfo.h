/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lines of /proc/PID/mountinfo.
 */

#include <stdbool.h>
#include <stdint.h>

/* One mount; the strings are in the line. */
typedef struct {
        uint64_t id;
        const char *device;  /* of the file system, "8:1" */
        const char *root;    /* what of the file system is mounted */
        const char *target;  /* where, as that process sees it */
        const char *options; /* of the mount, "rw,nosuid" */
        const char *type;    /* "ext4" */
        const char *source;  /* the file system's own word for where it is from */
        bool is_read_only;   /* the mount, or the file system behind it */
} MountInfo;

/* Takes LINE apart in place, "\ooo" turned into bytes. False if it is no such line.
 * Source: proc_pid_mountinfo(5). */
bool mountinfo_parse(char *line, MountInfo *ret_mount);
