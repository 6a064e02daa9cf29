/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/config.h"
#include "container/sources.h"
#include "plan/facts.h"

/* Reads into FACTS what host and tree say about name servers, time zone and journal, as far as
 * CONFIG lets it matter: by default two links are read, and one folder looked for. What cannot be
 * read is as if it were not there.
 *
 * tree_fd: what the root looks like, O_PATH; its paths are followed below it only */
void gather_tree(const Config *config, int tree_fd, Facts *facts, Sources *sources);
