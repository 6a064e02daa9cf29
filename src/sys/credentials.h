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

/* Drops everything from the bounding set that has no bit in KEEP, and clears the inheritable and
 * ambient sets. Capabilities that the kernel does not know are ignored. */
int credentials_limit_capabilities(uint64_t keep);
