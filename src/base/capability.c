/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <strings.h>

#include "base/macro.h"
#include "base/parse.h"

static const char prefix[] = "CAP_";

/* clang-format off */
static const char *const names[] = {
        [CAP_CHOWN] = "CAP_CHOWN",
        [CAP_DAC_OVERRIDE] = "CAP_DAC_OVERRIDE",
        [CAP_DAC_READ_SEARCH] = "CAP_DAC_READ_SEARCH",
        [CAP_FOWNER] = "CAP_FOWNER",
        [CAP_FSETID] = "CAP_FSETID",
        [CAP_KILL] = "CAP_KILL",
        [CAP_SETGID] = "CAP_SETGID",
        [CAP_SETUID] = "CAP_SETUID",
        [CAP_SETPCAP] = "CAP_SETPCAP",
        [CAP_LINUX_IMMUTABLE] = "CAP_LINUX_IMMUTABLE",
        [CAP_NET_BIND_SERVICE] = "CAP_NET_BIND_SERVICE",
        [CAP_NET_BROADCAST] = "CAP_NET_BROADCAST",
        [CAP_NET_ADMIN] = "CAP_NET_ADMIN",
        [CAP_NET_RAW] = "CAP_NET_RAW",
        [CAP_IPC_LOCK] = "CAP_IPC_LOCK",
        [CAP_IPC_OWNER] = "CAP_IPC_OWNER",
        [CAP_SYS_MODULE] = "CAP_SYS_MODULE",
        [CAP_SYS_RAWIO] = "CAP_SYS_RAWIO",
        [CAP_SYS_CHROOT] = "CAP_SYS_CHROOT",
        [CAP_SYS_PTRACE] = "CAP_SYS_PTRACE",
        [CAP_SYS_PACCT] = "CAP_SYS_PACCT",
        [CAP_SYS_ADMIN] = "CAP_SYS_ADMIN",
        [CAP_SYS_BOOT] = "CAP_SYS_BOOT",
        [CAP_SYS_NICE] = "CAP_SYS_NICE",
        [CAP_SYS_RESOURCE] = "CAP_SYS_RESOURCE",
        [CAP_SYS_TIME] = "CAP_SYS_TIME",
        [CAP_SYS_TTY_CONFIG] = "CAP_SYS_TTY_CONFIG",
        [CAP_MKNOD] = "CAP_MKNOD",
        [CAP_LEASE] = "CAP_LEASE",
        [CAP_AUDIT_WRITE] = "CAP_AUDIT_WRITE",
        [CAP_AUDIT_CONTROL] = "CAP_AUDIT_CONTROL",
        [CAP_SETFCAP] = "CAP_SETFCAP",
        [CAP_MAC_OVERRIDE] = "CAP_MAC_OVERRIDE",
        [CAP_MAC_ADMIN] = "CAP_MAC_ADMIN",
        [CAP_SYSLOG] = "CAP_SYSLOG",
        [CAP_WAKE_ALARM] = "CAP_WAKE_ALARM",
        [CAP_BLOCK_SUSPEND] = "CAP_BLOCK_SUSPEND",
        [CAP_AUDIT_READ] = "CAP_AUDIT_READ",
        [CAP_PERFMON] = "CAP_PERFMON",
        [CAP_BPF] = "CAP_BPF",
        [CAP_CHECKPOINT_RESTORE] = "CAP_CHECKPOINT_RESTORE",
};
/* clang-format on */
static_assert(ELEMENTSOF(names) == CAPABILITY_NAMES, "one name for each");

const char *capability_name(unsigned capability) {
        return capability < ELEMENTSOF(names) ? names[capability] : NULL;
}

int capability_find(const char *name) {
        size_t length = sizeof prefix - 1;
        uint32_t number;

        if (parse_u32(name, &number) >= 0)
                return number < 64 ? (int)number : -EINVAL;

        if (strncasecmp(name, prefix, length) == 0)
                name += length;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcasecmp(names[i] + length, name) == 0)
                        return (int)i;

        return -EINVAL;
}

StringList capability_list(Arena *arena, uint64_t mask) {
        bool has_others = mask >> CAPABILITY_NAMES == CAPABILITIES_ALL >> CAPABILITY_NAMES;
        StringList list = { 0 };

        for (unsigned i = 0; i < (has_others ? CAPABILITY_NAMES : 64); i++)
                if (mask & CAPABILITY_BIT(i))
                        string_list_add(arena, &list,
                                        capability_name(i) ?: arena_printf(arena, "%u", i));
        if (has_others)
                string_list_add(arena, &list, "others");

        return list;
}

const char *capability_join(Arena *arena, uint64_t mask) {
        const StringList list = capability_list(arena, mask);
        const char *text = "";

        for (size_t i = 0; i < list.n_items; i++)
                text = arena_printf(arena, "%s%s%s", text, text[0] ? " " : "", list.items[i]);
        return text;
}
