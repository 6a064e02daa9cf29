/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A plan as a document: what --dry-run shows and what the golden tests compare.
 *
 * All of the plan is in it, in the order in which it will be done; signals, capabilities and mount
 * attributes by their names. In the rows of "mounts" and the two lists of files, what a row does
 * not have is left out.
 */

#include <stdio.h>

#include "base/writer.h"
#include "plan/plan.h"

/* Writes PLAN as one object, the whole document of WRITER. */
void plan_dump(const Plan *plan, Writer *writer);

/* Inside plan/ only: parts of it. */
void plan_dump_privileges(const PrivilegePlan *privileges, Writer *writer);
void plan_dump_ranges(const char *key, const IdRange *ranges, size_t n_ranges, Writer *writer);
void plan_dump_call_filter(const CallFilter *filter, Writer *writer);

/* Prints PLAN to FILE as FORM has it: all of it, or what it lets the machine do (plan/confinement).
 * 0, or -errno if it cannot be written. */
int plan_print(const Plan *plan, DryRun form, FILE *file);
