/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "container/container.h"

/*
 * What the host sees of a machine: its state record, its locks, and the folder through which
 * machinectl mounts things into it.
 */

/* Takes the machine's name and its tree, makes the folders and a first record. Logged. */
int publish_machine(Container *container);

/* Brings the record up to date. Logged. */
int publish_record(Container *container);

/* Takes everything away again; in any state. */
void publish_done(Container *container);
