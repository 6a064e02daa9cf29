/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/config.h"
#include "plan/facts.h"

/* Reads into FACTS what --load-credential= names: files, fifos, sockets that are connected to, and
 * credentials that we were given ourselves. Nothing else in CONFIG costs anything here.
 *
 * 0, or a negative errno after an error line; a source that says nothing ends in -ETIMEDOUT. */
int gather_credentials(const Config *config, Facts *facts);
