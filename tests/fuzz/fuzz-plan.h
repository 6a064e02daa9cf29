/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What targets do with a Config that was accepted.
 */

#include "config/config.h"

/* Plans CONFIG for the golden plans' host and prints the plan, as text or, with --dry-run=json, as
 * JSON. Refusals are fine. */
void fuzz_plan(const Config *config);
