/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/config.h"
#include "plan/facts.h"

/* Finds the device nodes of the host that --device= names: nodes themselves, and what is below
 * folders, links not followed. What cannot be found is a fact too. */
void gather_devices(const Config *config, Facts *facts);
