/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Looks at the host, read-only, and fills Facts. The tree's part comes from image/root.
 */

#include "config/config.h"
#include "plan/facts.h"

/* Fills everything of FACTS but the root and the picked range. Returns 0 or a logged error. */
int gather_facts(const Config *config, Facts *facts);
