/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: the process that runs a machine, found through the machine's record.
 */

#include "sys/process.h"

/* Opens the manager of machine NAME.
 *
 * The process number in a record may have been given to somebody else since. So the process is
 * first held by a pidfd, and then has to prove itself: its descriptors must have the record's lock
 * file open, which nobody but the manager has.
 *
 * Returns 0 with a process to be closed by manager_close(); -ENOENT if the machine does not run (or
 * has just ended); -EACCES for an ordinary user; -EBADMSG if another process holds the lock than
 * the record says; -errno. Not logged. */
int manager_open(const char *name, Process *ret_manager);

/* Closes the pidfd; the process itself goes on. */
void manager_close(Process *manager);
