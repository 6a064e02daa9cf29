/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"

/* A user of the host with an account inside. */
typedef struct {
        const char *name; /* of the group, too */
        uint32_t id;      /* user and group, inside */
        const char *home;
        const char *shell; /* or NULL */
        StringList groups; /* further ones, by name, */
        gid_t *group_ids;  /* and by number as far as the tree has them */
        size_t n_group_ids;
} BoundUser;
