/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The program on the host that writes down what the payload's journal sends to it.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct {
        const char *program; /* NULL: none */
        StringList arguments;
        const char *folder;  /* where it works, for messages, */
        size_t folder_index; /* and its source */
        uint32_t uid, gid;   /* it runs as the owner of that, with no capabilities */
} ReceiverPlan;
