/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stop requests that are made by a file in the payload's tree.
 *
 * The tree is in the payload's hands while it runs. Three dangers, and what is done:
 *   - its links lead elsewhere: paths are resolved below its root only (rootpath);
 *   - what is found is a host file that was bound into the tree, and we have the right to change it
 *     while the payload has not: the work is done as the payload's own root, without capabilities;
 *   - its file systems do not answer (FUSE, also below an overlay): the work is done in a helper
 *     process, which is left behind after a second.
 */

#include "container/stop.h"

/* Each makes one request in the tree below ROOT_FD (O_PATH), already in the helper process.
 *
 * 0, -EAGAIN (the init has not made its file yet, or does not read it), -EBADFD (it is something
 * else), or -errno. */
typedef int (*StopFileRequest)(int root_fd, StopKind kind);

/* Writes a runlevel change to the fifo of sysvinit, as telinit(8) does. */
int stop_file_sysvinit(int root_fd, StopKind kind);

/* Writes the command word to the fifo of openrc-init, as openrc-shutdown(8) does. */
int stop_file_openrc(int root_fd, StopKind kind);

/* Sets the execute bits of runit's files "stopit" and "reboot", as runit-init(8) does. They are
 * looked at on SIGCONT. */
int stop_file_runit(int root_fd, StopKind kind);

/* Runs REQUEST for TARGET in a helper process. -ETIMEDOUT, -EIO (the helper was killed), or what
 * REQUEST returns. Does not log. */
int stop_file_run(const StopTarget *target, StopFileRequest request, StopKind kind);
