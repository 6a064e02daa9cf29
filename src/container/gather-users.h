/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/config.h"
#include "container/sources.h"
#include "plan/facts.h"

/* Reads into FACTS what plan/ needs for --bind-user=: the users from the host's databases, their
 * homes as sources, and the users and groups of the tree. Does nothing without such users.
 *
 * tree_fd: what the root looks like, O_PATH; files are opened below it only, and never waited for
 * 0, or a negative errno after an error line. */
int gather_users(const Config *config, int tree_fd, Facts *facts, Sources *sources);
