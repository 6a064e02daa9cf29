/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One line of a user namespace's id map: COUNT ids from INSIDE on are the host's from OUTSIDE on.
 * Users and groups always get the same lines.
 */

#include <stdint.h>

typedef struct {
        uint32_t inside;
        uint32_t outside;
        uint32_t count;
} IdRange;
