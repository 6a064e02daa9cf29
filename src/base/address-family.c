/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/address-family.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/macro.h"
#include "base/text.h"

/* clang-format off */
static const char *const names[] = {
        [AF_UNIX] = "AF_UNIX", [AF_INET] = "AF_INET", [AF_AX25] = "AF_AX25", [AF_IPX] = "AF_IPX",
        [AF_APPLETALK] = "AF_APPLETALK", [AF_NETROM] = "AF_NETROM", [AF_BRIDGE] = "AF_BRIDGE",
        [AF_ATMPVC] = "AF_ATMPVC", [AF_X25] = "AF_X25", [AF_INET6] = "AF_INET6",
        [AF_ROSE] = "AF_ROSE", [AF_DECnet] = "AF_DECnet", [AF_NETBEUI] = "AF_NETBEUI",
        [AF_SECURITY] = "AF_SECURITY", [AF_KEY] = "AF_KEY", [AF_NETLINK] = "AF_NETLINK",
        [AF_PACKET] = "AF_PACKET", [AF_ASH] = "AF_ASH", [AF_ECONET] = "AF_ECONET",
        [AF_ATMSVC] = "AF_ATMSVC", [AF_RDS] = "AF_RDS", [AF_SNA] = "AF_SNA",
        [AF_IRDA] = "AF_IRDA", [AF_PPPOX] = "AF_PPPOX", [AF_WANPIPE] = "AF_WANPIPE",
        [AF_LLC] = "AF_LLC", [AF_IB] = "AF_IB", [AF_MPLS] = "AF_MPLS", [AF_CAN] = "AF_CAN",
        [AF_TIPC] = "AF_TIPC", [AF_BLUETOOTH] = "AF_BLUETOOTH", [AF_IUCV] = "AF_IUCV",
        [AF_RXRPC] = "AF_RXRPC", [AF_ISDN] = "AF_ISDN", [AF_PHONET] = "AF_PHONET",
        [AF_IEEE802154] = "AF_IEEE802154", [AF_CAIF] = "AF_CAIF", [AF_ALG] = "AF_ALG",
        [AF_NFC] = "AF_NFC", [AF_VSOCK] = "AF_VSOCK", [AF_KCM] = "AF_KCM",
        [AF_QIPCRTR] = "AF_QIPCRTR", [AF_SMC] = "AF_SMC", [AF_XDP] = "AF_XDP",
        [AF_MCTP] = "AF_MCTP",
};
/* clang-format on */

int family_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (names[i] && (strcasecmp(names[i], name) == 0 ||
                                                strcasecmp(text_after(names[i], "AF_"), name) == 0))
                        return (int)i;

        return -EINVAL;
}

StringList family_names(Arena *arena) {
        StringList list = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (names[i])
                        string_list_add(arena, &list, names[i]);

        return list;
}

StringList family_list(Arena *arena, uint64_t mask) {
        bool has_nameless = mask & FAMILY_BIT(63);
        StringList list = { 0 };

        if (mask == FAMILIES_ANY) {
                string_list_add(arena, &list, "any");
                return list;
        }

        for (unsigned i = 0; i < 64; i++) {
                const char *name = i < ELEMENTSOF(names) && names[i] ? names[i]
                                                                     : arena_printf(arena, "%u", i);

                if (has_nameless == !(mask & FAMILY_BIT(i)))
                        string_list_add(arena, &list,
                                        has_nameless ? arena_printf(arena, "~%s", name) : name);
        }

        return list;
}
