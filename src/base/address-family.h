/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of the families of sockets, and sets of them as masks with one bit each.
 */

#include <stdint.h>
#include <sys/socket.h>

#include "base/arena.h"

#define FAMILY_BIT(family) (1ULL << (family))

/* Any family, also those that have no bit. */
#define FAMILIES_ANY UINT64_MAX

/* What a system with a network of its own uses. Each other family is a door into the kernel that
 * few need and that some have come through: AF_ALG, AF_VSOCK, AF_TIPC, AF_RDS, AF_CAN, AF_RXRPC. */
#define FAMILIES_DEFAULT                                                                           \
        (FAMILY_BIT(AF_UNIX) | FAMILY_BIT(AF_INET) | FAMILY_BIT(AF_INET6) |                        \
                        FAMILY_BIT(AF_NETLINK) | FAMILY_BIT(AF_PACKET))

/* The number of "AF_INET" or "inet" and so on; -EINVAL if there is none. */
int family_find(const char *name);

/* The names in MASK, "any" if that is all; those without a name by number. If also families that do
 * not exist yet are in it, the names of those that are not, with "~" in front. */
StringList family_list(Arena *arena, uint64_t mask);

/* All names. */
StringList family_names(Arena *arena);
