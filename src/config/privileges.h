/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the payload may do and use.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct {
        uint64_t capabilities_added; /* to the default bounding set; see base/capability */
        uint64_t capabilities_dropped;
        uint64_t capabilities_ambient;
        bool no_new_privileges;
} PrivilegesConfig;
