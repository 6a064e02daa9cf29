/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * User ids and capabilities of the calling process.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether CAPABILITY, one of CAP_*, is in our effective set. */
bool credentials_have_capability(unsigned capability);

/* Our effective capabilities, one bit each. */
uint64_t credentials_get_capabilities(void);

/* Makes files from now on as user and group ID, with all capabilities kept.
 *
 * Through an idmapped mount only ids of the map can make files (kernel: -EOVERFLOW), so the
 * manager works in the payload's tree as the payload's root. ID 0 ends it.
 * Source: setfsuid(2), capabilities(7) SECBIT_NO_SETUID_FIXUP, fact 12. */
int credentials_act_as(uint32_t id);

/* Becomes user UID and group GID for good, with N_GROUPS supplementary GROUPS.
 *
 * All capabilities in the bounding set KEEP survive only for user 0. */
int credentials_become(uid_t uid, gid_t gid, const gid_t *groups, size_t n_groups);

/* Drops everything from the bounding set that has no bit in KEEP. Capabilities that the kernel does
 * not know are ignored. What we have stays until credentials_settle_capabilities(). */
int credentials_limit_capabilities(uint64_t keep);

/* Gives up all capabilities but KEEP, or if we are not root all but AMBIENT. Those in AMBIENT stay
 * through an exec, for whatever user; no others are inheritable. Those in UNTIL_EXEC stay, too, but
 * an exec takes them: they are outside the bounding set, or we are not root.
 *
 * To be called as the user to be, since becoming one needs capabilities. One that is not root must
 * have kept them by PR_SET_KEEPCAPS.
 * -EPERM if we do not have AMBIENT ourselves. Source: capabilities(7), "Ambient". */
int credentials_settle_capabilities(uint64_t keep, uint64_t ambient, uint64_t until_exec);
