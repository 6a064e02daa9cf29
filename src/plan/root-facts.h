/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is true of the tree, and of what else the root is made of; a part of Facts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/architecture.h"
#include "base/arena.h"
#include "plan/integration-facts.h"

/* What a name in the tree is, a link not followed. */
typedef enum {
        ENTRY_UNKNOWN, /* no option asked */
        ENTRY_MISSING,
        ENTRY_FILE,
        ENTRY_LINK,
        ENTRY_OTHER, /* directory, device, fifo, … or it cannot be looked at */
        ENTRY_MAX,
} EntryKind;

/* A folder that is below the tree in an overlay. */
typedef struct {
        const char *path;   /* absolute, links resolved */
        uint32_t owner_uid; /* of it, on disk */
} LayerFacts;

typedef struct {
        const char *path;       /* absolute, links resolved */
        const char *named_path; /* as it was given or found by name; ends in a name unless it is "/" */
        /* The tree does not exist and shall become a copy of this one, which stands in for it till
         * then: the paths are the tree's, what is in it is the template's. NULL: it is there. */
        const char *template_path;
        const char *name;   /* what a machine name is made of: the end of that */
        uint32_t owner_uid; /* of the top directory, on disk */
        uint32_t owner_gid;
        bool is_host_root;      /* the tree is "/" */
        bool has_os_release;    /* etc/os-release or usr/lib/os-release is a file, in any layer */
        bool has_usr;           /* in any layer */
        bool has_own_bin;       /* only for --volatile=yes: /bin is a folder, not a part of /usr */
        bool is_read_only;      /* the file system itself */
        bool is_exposed;        /* host users other than root can reach it */
        bool can_write_beside;  /* what an overlay writes can be in `beside` */
        const char *beside;     /* only for --ephemeral=disk: the folder for that, absolute */
        const char *left_upper; /* there: what this machine wrote before it rebooted; or NULL */
        bool can_write_upper;   /* the same for `upper` */
        bool is_upper_exposed;  /* host users other than root can reach it */
        const char *upper;      /* only for --upper=: absolute, whether it exists or not */
        LayerFacts *layers;     /* of --layer=, in their order */
        size_t n_layers;
        StringList submounts;      /* of overlays and copies: the topmost mount points below it */
        Architecture architecture; /* of its programs */
        const char *machine_id;    /* 32 hex digits, or NULL while it is not set */
        EntryKind resolv_conf;     /* /etc/resolv.conf */
        EntryKind localtime;       /* /etc/localtime */
        const char *timezone;      /* the zone that it links to, or NULL */
        bool has_host_timezone;    /* the tree knows the zone that the host is in */
        AccountList users;         /* only for --bind-user= */
        AccountList groups;
} RootFacts;
