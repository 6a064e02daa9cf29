/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/gather-environment.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/parse.h"
#include "base/text.h"

/* Yes or no: a field that is set when the variable says ON. */
static const struct {
        const char *variable;
        bool on;
        size_t offset;
} switches[] = {
        { "SYSTEMD_NSPAWN_CHECK_OS_RELEASE", false,
                        offsetof(EnvironmentFacts, lets_os_release_lack) },
        { "SYSTEMD_NSPAWN_TMPFS_TMP", false, offsetof(EnvironmentFacts, lets_tmp_be) },
        { "SYSTEMD_NSPAWN_USE_CGNS", false, offsetof(EnvironmentFacts, lets_cgroup_be) },
        { "SYSTEMD_NSPAWN_LOCK", false, offsetof(EnvironmentFacts, lets_others_lock) },
        { "SYSTEMD_SUPPRESS_SYNC", true, offsetof(EnvironmentFacts, suppresses_sync) },
        { "SYSTEMD_ADJUST_TERMINAL_TITLE", false, offsetof(EnvironmentFacts, keeps_title) },
        { "SYSTEMD_TINT_BACKGROUND", false, offsetof(EnvironmentFacts, keeps_background) },
        { "SYSTEMD_SECCOMP", false, offsetof(EnvironmentFacts, lets_calls_be) },
        { "SYSTEMD_LOG_SECCOMP", true, offsetof(EnvironmentFacts, logs_refused_calls) },
        { "SYSTEMD_NSPAWN_SHARE_SYSTEM", true, offsetof(EnvironmentFacts, shares_ipc) },
        { "SYSTEMD_NSPAWN_SHARE_SYSTEM", true, offsetof(EnvironmentFacts, shares_pid) },
        { "SYSTEMD_NSPAWN_SHARE_SYSTEM", true, offsetof(EnvironmentFacts, shares_uts) },
        { "SYSTEMD_NSPAWN_SHARE_NS_IPC", true, offsetof(EnvironmentFacts, shares_ipc) },
        { "SYSTEMD_NSPAWN_SHARE_NS_PID", true, offsetof(EnvironmentFacts, shares_pid) },
        { "SYSTEMD_NSPAWN_SHARE_NS_UTS", true, offsetof(EnvironmentFacts, shares_uts) },
};

static ApiVfs api_vfs(void) {
        const char *value = getenv("SYSTEMD_NSPAWN_API_VFS_WRITABLE");
        bool is_on = false;

        if (!value)
                return API_VFS_LOCKED;
        if (text_equal(value, "network"))
                return API_VFS_NETWORK;

        return parse_bool(value, &is_on) >= 0 && is_on ? API_VFS_WRITABLE : API_VFS_LOCKED;
}

void gather_environment(Facts *facts) {
        EnvironmentFacts *environment = &facts->environment;
        const char *service = getenv("SYSTEMD_NSPAWN_CONTAINER_SERVICE");

        for (size_t i = 0; i < ELEMENTSOF(switches); i++) {
                const char *value = getenv(switches[i].variable);
                bool is_on;

                /* What is neither yes nor no says nothing. The later row has the last word. */
                if (value && parse_bool(value, &is_on) >= 0)
                        *(bool *)((char *)environment + switches[i].offset) =
                                        is_on == switches[i].on;
        }

        environment->api_vfs = api_vfs();
        if (!text_is_empty(service))
                environment->service = arena_copy(&facts->arena, service);
}
