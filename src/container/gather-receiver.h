/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/config.h"
#include "container/sources.h"
#include "plan/facts.h"

/* For --forward-journal=: finds systemd-journal-remote and asks it for its version, and opens the
 * folder that it is to write to, or what there is of it. What is not there is a fact too. */
void gather_receiver(const Config *config, Facts *facts, Sources *sources);
