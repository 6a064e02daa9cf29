/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host that plans are tested with, unless a case says otherwise.
 */

#include <string.h>

#include "base/capability.h"
#include "plan/facts.h"

/* A Debian host with systemd, root in a pipeline, and a tree as mmdebstrap makes it. */
static inline void default_facts(Facts *facts) {
        Arena *arena = &facts->arena;

        facts->is_root = true;
        facts->capabilities = CAPABILITIES_ALL;
        facts->has_system_bus = true;
        facts->limit_nproc = facts->limit_sigpending = (Limit){ .soft = 31000, .hard = 31000 };
        facts->cgroup_host = CGROUP_HOST_SYSTEMD;
        facts->own_cgroup = "/user.slice/user-0.slice/session-1.scope";
        facts->is_cgroup_namespace_supported = true;
        facts->is_time_namespace_supported = true;
        facts->is_user_namespace_supported = true;
        facts->has_all_ids = true;
        facts->picked_base = 13435u << 16; /* 880476160 */
        facts->random_suffix = "0123456789abcdef";
        memset(facts->random_uuid, 0x11, sizeof facts->random_uuid);
        string_list_add(arena, &facts->os_release, "container_host_id=debian");
        string_list_add(arena, &facts->os_release, "container_host_version_id=12");
        facts->os_release_path = "/etc/os-release";
        facts->resolv_confs[RESOLV_SOURCE_HOST] = (HostFile){
                .name = "/etc/resolv.conf",
                .data = "nameserver 192.0.2.1\n",
                .size = 21,
        };
        facts->localtime = (HostFile){ .name = "/etc/localtime", .data = "TZif2", .size = 5 };
        facts->timezone = "Etc/UTC";
        facts->root = (RootFacts){
                .path = "/var/lib/machines/deb",
                .name = "deb",
                .has_os_release = true,
                .has_usr = true,
                .beside = "/var/lib/machines",
                .can_write_beside = true,
                .upper = "/srv/changes",
                .can_write_upper = true,
                .resolv_conf = ENTRY_FILE,
                .localtime = ENTRY_LINK,
                .timezone = "Etc/UTC",
                .has_host_timezone = true,
        };
}
