/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lock files. The lock is on the open file description and ends with its last descriptor, also
 * after SIGKILL; the file may stay behind and means nothing. nspawn locks the same way (fcntl OFD
 * locks), so each sees the other's.
 */

#include <stdbool.h>

/* Where nspawn and machined keep their locks on trees and names. */
#define LOCK_FOLDER "/run/systemd/nspawn/locks"

/* Makes LOCK_FOLDER with its parents. */
int lock_make_folder(void);

/* Opens or makes the lock file PATH below AT_FD and locks it, exclusively or shared.
 *
 * Returns an O_CLOEXEC fd that holds the lock, -EBUSY (somebody else has it), or -errno.
 * A file that was unlinked between open and lock is not taken: the lock is on the one that PATH
 * names. Source: fcntl(2) F_OFD_SETLK. */
int lock_acquire(int at_fd, const char *path, bool exclusive);

/* Whether somebody holds an exclusive lock on PATH: 1, 0, or -errno (-ENOENT: no file). */
int lock_is_held(int at_fd, const char *path);

/* Removes the lock file PATH below AT_FD that a killed holder left; one that is held stays. */
void lock_sweep(int at_fd, const char *path);

/* Ends the lock that FD holds and removes the file PATH below AT_FD if nobody else has it
 * locked; works for shared and exclusive locks and for FD < 0. Returns -EBADF for `fd =
 * lock_release(fd, …)`. */
int lock_release(int fd, int at_fd, const char *path);
