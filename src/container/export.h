/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The folder through which a system offers sockets to its host: /run/host/unix-export inside, where
 * it can be written, EXPORT_FOLDER/NAME on the host, where it is read-only and follows no links.
 *
 * It is a file system of its own, mounted on the host, so it outlives a manager that is killed: the
 * next start of any machine sweeps it, see record_sweep().
 */

#include "plan/plan.h"

#define EXPORT_FOLDER "/run/systemd/nspawn/unix-export"

/* Makes and mounts it, if PLAN has one. 0, or a logged error. */
int export_open(const Plan *plan);

/* Takes away that of machine NAME, in any state: mounted, half made, or not there. */
void export_remove(const char *name);
