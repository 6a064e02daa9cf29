/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside plan/ only: what the rows of the table of calls mean.
 */

#include <stdint.h>

#include "base/call-filter.h"
#include "base/calls.h"

/* What a plain machine has. */
extern const uint64_t plan_default_capabilities;

/* What becomes of CALL in a payload that may have CAPABILITIES. */
CallVerdict plan_call_verdict(const Call *call, uint64_t capabilities);
