/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "container/container.h"

/*
 * Where the payload belongs on the host: its ids and its control group.
 */

/* Before the clone: makes the control group that the payload is born into, where that is ours to
 * make. On a systemd host without --keep-unit there is nothing to do yet. Logged. */
int place_prepare(Container *container);

/* After the clone: writes the id maps and lets the payload's side go on. Logged. */
int place_ids(Container *container);

/* After the clone: with the group of a scope known, splits it and moves the payload in. Logged. */
int place_into_scope(Container *container, const char *scope_group);

/* With the payload in its group and before its program runs: has the kernel check which device
 * nodes are used there. What it means if that cannot be, the plan says. Logged. */
int place_device_filter(const Container *container);

/* Kills what is left in the payload's group and removes what we made. Logged as warnings; then
 * container->has_survivors leaves the rest to the next start. */
void place_done(Container *container);
