/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the payload may do and use; a part of the plan.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct {
        uint64_t capabilities; /* bounding set, one bit per capability */
        uint64_t ambient_capabilities;
        bool no_new_privileges;
        unsigned call_filters; /* one bit per CallFilter */
} PrivilegePlan;
