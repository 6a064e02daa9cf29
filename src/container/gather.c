/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/utsname.h>

#include "base/capability.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "container/gather-credentials.h"
#include "container/gather-devices.h"
#include "container/gather-environment.h"
#include "container/record.h"
#include "image/upper.h"
#include "sys/cgroup.h"
#include "sys/credentials.h"
#include "sys/limit.h"
#include "sys/namespace.h"
#include "sys/security-label.h"
#include "sys/uuid.h"

enum { OS_RELEASE_SIZE = 16384 };

static const char *environment_value(Arena *arena, const char *name) {
        const char *value = getenv(name);

        return text_is_empty(value) ? NULL : arena_copy(arena, value);
}

static bool can_open(const char *path) {
        CLEANUP_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

        return fd >= 0;
}

/* Removes the quotes that os-release(5) allows around a value, in place. */
static const char *unquote(char *value) {
        size_t length = strlen(value);

        if (length >= 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0]) {
                value[length - 1] = '\0';
                return value + 1;
        }

        return value;
}

static void add_os_release_line(Facts *facts, char *line) {
        static const char *const ids[] = {
                "ID=", "BUILD_ID=", "VERSION_ID=", "VARIANT_ID=", "IMAGE_ID=", "IMAGE_VERSION="
        };

        for (size_t i = 0; i < ELEMENTSOF(ids); i++) {
                char *value = (char *)text_after(line, ids[i]), *name;

                if (!value)
                        continue;
                name = arena_copy_n(&facts->arena, ids[i], strlen(ids[i]) - 1);
                for (char *c = name; *c; c++)
                        if (*c >= 'A' && *c <= 'Z')
                                *c = (char)(*c - 'A' + 'a');
                string_list_add(&facts->arena, &facts->os_release,
                                arena_printf(&facts->arena, "container_host_%s=%s", name,
                                                unquote(value)));
        }
}

static void gather_os_release(Facts *facts) {
        static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
        char text[OS_RELEASE_SIZE], *rest = text, *line;

        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                if (io_read_file(AT_FDCWD, paths[i], text, sizeof text) >= 0) {
                        facts->os_release_path = paths[i];
                        break;
                }
        if (!facts->os_release_path)
                return;

        while ((line = strsep(&rest, "\n")))
                add_os_release_line(facts, line);
}

/* A running systemd makes this directory, see sd_booted(3). */
static bool is_systemd_running(void) {
        return access("/run/systemd/system", F_OK) == 0;
}

static bool has_system_bus(void) {
        return getenv("DBUS_SYSTEM_BUS_ADDRESS") ||
               access("/run/dbus/system_bus_socket", F_OK) == 0;
}

static void gather_cgroup(Facts *facts) {
        CgroupTree tree;
        int r;

        r = cgroup_find(&facts->arena, &tree);
        if (r < 0 || !tree.is_writable)
                facts->cgroup_host = CGROUP_HOST_NONE;
        else if (is_systemd_running())
                facts->cgroup_host = CGROUP_HOST_SYSTEMD;
        else
                facts->cgroup_host = CGROUP_HOST_OWN;

        if (r >= 0)
                facts->own_cgroup = tree.own +
                                    (text_equal(tree.own, tree.mount) ? 0 : strlen(tree.mount));
        if (r >= 0 && text_equal(tree.own, tree.mount))
                facts->own_cgroup = "/";
}

int gather_listen_fds(Facts *facts) {
        const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
        uint32_t number, n_fds;

        if (!pid || !count || parse_u32(pid, &number) < 0 || number != (uint32_t)getpid() ||
                        parse_u32(count, &n_fds) < 0)
                return 0;

        for (uint32_t i = 0; i < n_fds; i++)
                if (fcntl((int)(3 + i), F_SETFD, FD_CLOEXEC) < 0)
                        return log_error_errno(-errno,
                                        "LISTEN_FDS=%u passes sockets in, but descriptor %u is not "
                                        "open",
                                        n_fds, 3 + i);

        facts->n_listen_fds = n_fds;
        facts->listen_names = environment_value(&facts->arena, "LISTEN_FDNAMES");
        return 0;
}

static int gather_suffix(const Config *config, Facts *facts) {
        char suffix[17];
        int r;

        if (config->ephemeral == EPHEMERAL_NO && !facts->root.template_path)
                return 0;

        r = uuid_make_suffix(suffix);
        if (r >= 0)
                facts->random_suffix = arena_copy(&facts->arena, suffix);
        return r;
}

/* A machine that rebooted in a unit goes on where it was, if this is the next start of it: by its
 * name, which has to be given, and its tree. */
static void gather_left_upper(const Config *config, Facts *facts) {
        RootFacts *root = &facts->root;
        RecordFields record;
        bool is_running;

        if (config->ephemeral != EPHEMERAL_DISK || !config->keep_unit || !config->machine)
                return;
        if (record_load(&facts->arena, config->machine, &record, &is_running) < 0 || is_running ||
                        !record.upper || !upper_is_left(record.upper))
                return;

        if (text_equal(record.root, root->path) &&
                        text_equal(path_parent(&facts->arena, record.upper), root->beside))
                root->left_upper = path_last(&facts->arena, record.upper);
}

/* Process 1 has what the kernel gives by this machine's memory. Where it may not be asked we are in
 * a container ourselves, and what we have is as good. */
static void gather_limits(Facts *facts) {
        if (limit_get(1, RLIMIT_NPROC, &facts->limit_nproc) < 0)
                (void)limit_get(0, RLIMIT_NPROC, &facts->limit_nproc); /* cannot fail */
        if (limit_get(1, RLIMIT_SIGPENDING, &facts->limit_sigpending) < 0)
                (void)limit_get(0, RLIMIT_SIGPENDING, &facts->limit_sigpending);
}

static void gather_terminal(Facts *facts) {
        bool is_input = isatty(STDIN_FILENO), is_output = isatty(STDOUT_FILENO);

        facts->has_terminal = is_input && is_output;
        facts->has_any_terminal = is_input || is_output || isatty(STDERR_FILENO);
}

static void gather_labels(const PrivilegesConfig *config, Facts *facts) {
        facts->has_selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
        if (config->selinux_context || config->selinux_apifs_context)
                facts->has_selinux_policy = facts->has_selinux && security_has_selinux_policy();
        if (config->apparmor_profile)
                facts->has_apparmor = security_has_apparmor();
}

int gather_facts(const Config *config, Facts *facts) {
        Arena *arena = &facts->arena;
        int r;

        facts->is_root = geteuid() == 0;
        facts->capabilities = credentials_get_capabilities();
        gather_terminal(facts);
        facts->term = environment_value(arena, "TERM");
        facts->colorterm = environment_value(arena, "COLORTERM");
        facts->no_color = environment_value(arena, "NO_COLOR");
        gather_environment(facts);
        facts->has_system_bus = config->register_mode != REGISTER_NO || !config->keep_unit
                                                ? has_system_bus()
                                                : false;
        facts->is_cgroup_namespace_supported = namespace_is_supported("cgroup");
        /* Its clocks can be set by none but who could set the machine's. */
        facts->is_time_namespace_supported = namespace_is_supported("time") &&
                                             (facts->capabilities & CAPABILITY_BIT(CAP_SYS_TIME));
        facts->is_user_namespace_supported = namespace_is_supported("user");
        facts->is_in_user_namespace = !namespace_is_first_of_users();
        facts->has_dev_fuse = can_open("/dev/fuse");
        facts->has_dev_tun = can_open("/dev/net/tun");
        gather_labels(&config->privileges, facts);
        facts->architecture = architecture_of_platform((const char *)getauxval(AT_PLATFORM));
        gather_devices(config, facts);
        gather_cgroup(facts);
        gather_limits(facts);
        gather_os_release(facts);

        gather_left_upper(config, facts);
        r = gather_suffix(config, facts);
        if (r >= 0)
                r = uuid_make_random(facts->random_uuid);
        if (r < 0)
                return log_error_errno(r, "Failed to get random bytes");

        return gather_credentials(config, facts);
}
