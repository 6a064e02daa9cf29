/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reads the environment variables that systemd-nspawn has, for scripts and units made for it.
 */

#include "plan/facts.h"

/* Fills FACTS->environment with what the variables say; which of it counts is plan/'s to decide. */
void gather_environment(Facts *facts);
