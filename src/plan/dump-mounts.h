/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The part of plan/dump that shows the rows of "mounts", and the folders on the host that they need.
 */

#include "base/writer.h"
#include "plan/plan.h"

/* The list "mounts". */
void plan_dump_mounts(const Plan *plan, Writer *writer);

/* The list "folders", if there are any. */
void plan_dump_folders(const Plan *plan, Writer *writer);
