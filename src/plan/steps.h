/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The rows of a plan: one mount, one file. They are worked off in order; see plan-mounts.c and
 * plan-files.c for the tables they come from.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/id-range.h"

typedef enum {
        MOUNT_TMPFS,
        MOUNT_RAMFS,       /* like tmpfs, but never swapped out */
        MOUNT_BIND,        /* of a host path */
        MOUNT_BIND_SOURCE, /* of a host path that was opened beforehand, see SourceFacts */
        MOUNT_BIND_INSIDE, /* of a path inside the tree */
        MOUNT_OVERLAY,
        MOUNT_INACCESSIBLE, /* hides what is at the target */
        MOUNT_PROC,
        MOUNT_SYSFS,
        MOUNT_CGROUP2,
        MOUNT_SELINUXFS,
        MOUNT_MQUEUE,
        MOUNT_DEVPTS,
        MOUNT_KIND_MAX,
} MountKind;

/* The manager's mounts are attached before the payload's namespaces exist and are locked against
 * it (kernel fact 1). What belongs to a namespace of the payload can only be made in it, and what
 * lies on that can only be attached in it. */
typedef enum {
        MADE_BY_MANAGER,
        MADE_BY_MANAGER_LATE, /* behind the files, so that no file of ours lands on it */
        MADE_BY_BOTH,         /* opened by the manager then, attached by the payload's side */
        MADE_BY_PAYLOAD,
        MADE_BY_MAX,
} MadeBy;

enum {
        MOUNT_IS_OPTIONAL = 1 << 0,  /* a failure is a debug line */
        MOUNT_IS_TUNNEL = 1 << 1,    /* what the host mounts below it later shows up inside */
        MOUNT_IS_WRITABLE = 1 << 2,  /* although its source is mounted read-only */
        MOUNT_IS_COMFORT = 1 << 3,   /* a failure is a warning */
        MOUNT_ON_LINK = 1 << 4,      /* source and target may be links themselves; target exists */
        MOUNT_IS_RECURSIVE = 1 << 5, /* with the source's submounts */
        MOUNT_MAP_IS_OPTIONAL = 1 << 6, /* unmapped where the file system cannot be mapped */
        MOUNT_MAP_IS_TARGET = 1 << 7,   /* the map's two lines lead to the target's owner */
};

/* Where a layer of an overlay comes from. */
typedef struct {
        const char *path;    /* on the host, or inside the tree */
        bool is_inside;      /* it has the owners of the tree */
        size_t source_index; /* else: the source, opened beforehand */
        const IdMap *map;    /* owners on disk to host ids, or NULL */
} LayerStep;

typedef struct {
        LayerStep *layers; /* the lowest first */
        size_t n_layers;
        LayerStep upper; /* the folder with these two in it; both NULL: cannot be written */
        const char *upper_name;
        const char *work_name;
} OverlayStep;

typedef struct {
        MountKind kind;
        MadeBy made_by;
        const char *source;         /* binds only */
        const char *target;         /* absolute, inside; made if missing */
        const char *options;        /* "mode=0755,size=10%", or NULL */
        uint64_t attributes;        /* MOUNT_ATTR_* from the start, submounts included */
        uint64_t late_attributes;   /* MOUNT_ATTR_* once all files are in place */
        unsigned flags;             /* MOUNT_IS_… */
        uint64_t attributes_gone;   /* MOUNT_ATTR_* that a bind's source has and the bind has not */
        size_t source_index;        /* MOUNT_BIND_SOURCE only */
        const IdMap *map;           /* binds: owners on disk to host ids; NULL: as they are */
        const OverlayStep *overlay; /* MOUNT_OVERLAY only */
} MountStep;

/* A folder on the host that is made before the first boot of a run. */
typedef struct {
        const char *path;    /* absolute, for messages and the record */
        size_t parent_index; /* the source that it is made in, */
        const char *name;    /* under this name */
        uint32_t owner, group;
        mode_t mode;
        const char *link; /* not a folder but a link to this; replaces another link, and is kept */
        bool is_kept;     /* may be there already and stays; else new, and removed at the end */
} FolderStep;

typedef enum {
        FILE_DIRECTORY, /* only if missing */
        FILE_TEXT,
        FILE_DATA, /* bytes that are not for show */
        FILE_LINK,
        FILE_NODE,
        FILE_FIFO,
        FILE_SOCKET,      /* for datagrams, the manager's */
        FILE_LISTENER,    /* for streams, the receiver's of the journal */
        FILE_RANDOM_UUID, /* one line, another one for each boot */
        FILE_DELETE,      /* no directory; missing is fine */
        FILE_KIND_MAX,
} FileKind;

enum {
        FILE_IS_COMFORT = 1 << 0,    /* a failure is a warning */
        FILE_REPLACES_FILE = 1 << 1, /* in one step, a regular file that is there */
        FILE_REPLACES_ALL = 1 << 2,  /* or anything but a directory */
};

/* One file that the manager makes in the assembled tree, owned by the payload's root. */
typedef struct {
        FileKind kind;
        const char *path;    /* absolute, inside */
        const char *content; /* text, bytes, target of the link; the host's node, if elsewhere */
        size_t size;         /* FILE_DATA only */
        mode_t mode;         /* FILE_NODE: with S_IFCHR or S_IFBLK */
        dev_t device;        /* FILE_NODE only */
        const char *needs;   /* only if this path exists inside, or NULL */
        unsigned flags;      /* FILE_IS_…, FILE_REPLACES_… */
} FileStep;
