/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Looks at the host, read-only, and fills Facts. The tree's part comes from image/root.
 */

#include "config/config.h"
#include "plan/facts.h"

/* Takes over the sockets that the service manager passes to this process; see sd_listen_fds(3). To
 * be called before any other descriptor is opened: a number that is wrong must not hand one of ours
 * to the payload. Returns 0 or a logged error. */
int gather_listen_fds(Facts *facts);

/* Fills the rest of FACTS but the root and the picked range. Returns 0 or a logged error. */
int gather_facts(const Config *config, Facts *facts);
