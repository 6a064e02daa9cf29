/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the payload may use, as far as only the manager can set it.
 */

#include "container/container.h"

/* Reads our own limits, and raises them to those of the payload before it is made: it inherits
 * them, and in a user namespace it cannot raise any. Where we may not, the payload has less, as
 * inside_limit() tells. */
void resources_open(Container *container);

/* Sets the payload's score for the kernel's out-of-memory killer. Logged. */
int resources_set_oom_score(const Container *container);
