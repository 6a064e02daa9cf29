/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who may use which device node. The nodes themselves are files of the plan.
 *
 * What was asked for is there, or the machine does not start. But the filter is nobody's wish: it
 * is a second lock behind ids and nodev under a user namespace, and where there is none, root
 * inside can do worse than open a device. So a system that has no such filters loses only what
 * cannot be kept without one: an access that is less than all.
 */

#include <stddef.h>

#include "base/device-rule.h"

/* What it means if the filter cannot be had. */
typedef enum {
        DEVICE_FILTER_NONE,     /* no control group to put one on */
        DEVICE_FILTER_EXTRA,    /* ids and mounts guard already, or nspawn says nothing: debug */
        DEVICE_FILTER_ONLY,     /* nothing else keeps root off the host's devices: a notice */
        DEVICE_FILTER_REQUIRED, /* the user's words cannot be kept without it: no start */
        DEVICE_FILTER_MAX,
} DeviceFilter;

typedef struct {
        DeviceFilter filter;
        DeviceRule *rules; /* all that is allowed; no two for the same device */
        size_t n_rules, n_allocated;
} DevicePlan;
