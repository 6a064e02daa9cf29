/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * --cleanup: what a killed run left goes without a new run.
 */

#include "config/config.h"

/* Cleans up after the machine that CONFIG names, by its name or its tree. Returns the exit status;
 * errors have been logged. */
int clean_up(const Config *config);
