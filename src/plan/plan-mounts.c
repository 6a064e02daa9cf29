/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The mount table. Rows are in the order in which they are made; a row's condition says when it
 * is there. Under a user namespace that is a boundary /proc and /sys carry no masks: the ids are
 * the guard, and nested containers work (kernel fact 9).
 */

#include <sys/mount.h>

#include "base/text.h"
#include "plan/build.h"

enum { SUID = MOUNT_ATTR_NOSUID, DEV = MOUNT_ATTR_NODEV, EXEC = MOUNT_ATTR_NOEXEC };
enum { READ_ONLY = MOUNT_ATTR_RDONLY, ATIME = MOUNT_ATTR_STRICTATIME };
enum { OPTIONAL = MOUNT_IS_OPTIONAL };

/* Of the devpts row: the same in all distributions. */
enum { TTY_GROUP = 5 };

typedef enum {
        WHEN_ALWAYS,
        WHEN_BOUNDARY,    /* the payload's root is nobody on the host */
        WHEN_NO_BOUNDARY, /* it is somebody: masks have to do */
        WHEN_NESTING,     /* and containers inside need what the masks cover */
        WHEN_NESTING_OWN_SYSFS,
        WHEN_OWN_SYSFS, /* and its mirror image */
        WHEN_HOST_SYSFS,
        WHEN_BOUNDARY_PRIVATE_NET,
        WHEN_SYSFS_MASKED, /* the payload's own, where masks have to do */
        WHEN_SELINUX,
        WHEN_NET_KNOBS,  /* masks have to do, but not for the payload's own network */
        WHEN_TMP,        /* unless the environment leaves /tmp alone */
        WHEN_OWN_QUEUES, /* message queues can be mounted by their namespace's owner */
        WHEN_VOLATILE_STATE,
        WHEN_MAX,
} When;

typedef struct {
        When when;
        MountStep step;
} Row;

#define ROW(mount_kind, side, from, to, mount_options, from_start, at_end, mount_flags)            \
        {                                                                                          \
                .kind = (mount_kind), .made_by = (side), .source = (from), .target = (to),         \
                .options = (mount_options), .attributes = (from_start),                            \
                .late_attributes = (at_end), .flags = (mount_flags),                               \
        }
#define COVER(when, source, path)                                                                  \
        {                                                                                          \
                when, ROW(MOUNT_BIND_INSIDE, MADE_BY_PAYLOAD, source, path, NULL,                  \
                                      SUID | DEV | EXEC | READ_ONLY, 0, OPTIONAL)                  \
        }
#define PROC_READ_ONLY(path) COVER(WHEN_NO_BOUNDARY, path, path)
#define PROC_MASK(path)      COVER(WHEN_NO_BOUNDARY, "/run/host/inaccessible/reg", path)
#define SYS_MASK(path)       COVER(WHEN_SYSFS_MASKED, "/run/host/inaccessible/dir", path)

/* clang-format off */
static const Row rows[] = {
        /* when, kind, made by, source, target, options, attributes, late attributes, flags */
        { WHEN_VOLATILE_STATE, ROW(MOUNT_TMPFS, MADE_BY_MANAGER, NULL, "/var",
                         "mode=0755,size=25%,nr_inodes=1m", ATIME, 0, 0) },
        { WHEN_ALWAYS, ROW(MOUNT_TMPFS, MADE_BY_MANAGER, NULL, "/dev",
                         "mode=0755,size=4m,nr_inodes=64k", SUID | ATIME, 0, 0) },
        { WHEN_ALWAYS, ROW(MOUNT_TMPFS, MADE_BY_MANAGER, NULL, "/dev/shm",
                         "mode=1777,size=10%,nr_inodes=400k", SUID | DEV | ATIME, 0, 0) },
        { WHEN_ALWAYS, ROW(MOUNT_TMPFS, MADE_BY_MANAGER, NULL, "/run",
                         "mode=0755,size=20%,nr_inodes=800k", SUID | DEV | ATIME, 0, 0) },
        { WHEN_ALWAYS, ROW(MOUNT_TMPFS, MADE_BY_MANAGER, NULL, "/run/host",
                         "mode=0755,size=4m,nr_inodes=1k", SUID | DEV | EXEC, READ_ONLY, 0) },
        { WHEN_HOST_SYSFS, ROW(MOUNT_BIND, MADE_BY_MANAGER, "/sys", "/sys", NULL,
                         SUID | DEV | EXEC | READ_ONLY, 0, 0) },

        /* Not locked, since inits unmount it when they shut down and complain if they cannot. */
        { WHEN_TMP, ROW(MOUNT_TMPFS, MADE_BY_PAYLOAD, NULL, "/tmp",
                         "mode=1777,size=10%,nr_inodes=400k", SUID | DEV | ATIME, 0, 0) },
        { WHEN_ALWAYS, ROW(MOUNT_PROC, MADE_BY_PAYLOAD, NULL, "/proc",
                         NULL, SUID | DEV | EXEC, 0, 0) },
        { WHEN_OWN_SYSFS, ROW(MOUNT_SYSFS, MADE_BY_PAYLOAD, NULL, "/sys",
                         NULL, SUID | DEV | EXEC | READ_ONLY, 0, 0) },
        /* A second, bare instance of each: the kernel lets a nested user namespace mount its own
         * only while one without anything on top of it can be seen. */
        { WHEN_BOUNDARY, ROW(MOUNT_PROC, MADE_BY_PAYLOAD, NULL, "/run/host/proc",
                         NULL, SUID | DEV | EXEC, 0, 0) },
        { WHEN_BOUNDARY_PRIVATE_NET, ROW(MOUNT_SYSFS, MADE_BY_PAYLOAD, NULL, "/run/host/sys",
                         NULL, SUID | DEV | EXEC, 0, 0) },
        /* The same where /proc and /sys are masked, below a folder that only root can enter. */
        { WHEN_NESTING, ROW(MOUNT_PROC, MADE_BY_PAYLOAD, NULL, "/run/host/nesting/proc",
                         NULL, SUID | DEV | EXEC, 0, 0) },
        { WHEN_NESTING_OWN_SYSFS, ROW(MOUNT_SYSFS, MADE_BY_PAYLOAD, NULL, "/run/host/nesting/sys",
                         NULL, SUID | DEV | EXEC, 0, 0) },
        /* Without a user namespace only: its one instance belongs to the host. */
        { WHEN_SELINUX, ROW(MOUNT_SELINUXFS, MADE_BY_PAYLOAD, NULL, "/sys/fs/selinux",
                         NULL, SUID | DEV | EXEC | READ_ONLY, 0, OPTIONAL) },
        { WHEN_OWN_QUEUES, ROW(MOUNT_MQUEUE, MADE_BY_PAYLOAD, NULL, "/dev/mqueue",
                         NULL, SUID | DEV | EXEC, 0, 0) },
        { WHEN_ALWAYS, ROW(MOUNT_DEVPTS, MADE_BY_PAYLOAD, NULL, "/dev/pts",
                         "ptmxmode=0666,mode=0620,gid=5", SUID | EXEC, 0, 0) },

        /* The kernel's knobs, where ids do not guard them. */
        { WHEN_NO_BOUNDARY, ROW(MOUNT_BIND_INSIDE, MADE_BY_PAYLOAD, "/proc/sys", "/proc/sys", NULL,
                         SUID | DEV | EXEC | READ_ONLY, 0, 0) },
        { WHEN_NET_KNOBS, ROW(MOUNT_BIND_INSIDE, MADE_BY_PAYLOAD, "/proc/sys/net",
                         "/proc/sys/net", NULL, SUID | DEV | EXEC, 0, OPTIONAL) },
        { WHEN_ALWAYS, ROW(MOUNT_BIND_INSIDE, MADE_BY_PAYLOAD,
                         "/run/host/proc-sys-kernel-random-boot-id",
                         "/proc/sys/kernel/random/boot_id", NULL,
                         SUID | DEV | EXEC | READ_ONLY, 0, OPTIONAL) },
        PROC_MASK("/proc/kallsyms"),
        PROC_MASK("/proc/kcore"),
        PROC_MASK("/proc/keys"),
        PROC_MASK("/proc/sysrq-trigger"),
        PROC_MASK("/proc/timer_list"),
        PROC_READ_ONLY("/proc/acpi"),
        PROC_READ_ONLY("/proc/apm"),
        PROC_READ_ONLY("/proc/asound"),
        PROC_READ_ONLY("/proc/bus"),
        PROC_READ_ONLY("/proc/fs"),
        PROC_READ_ONLY("/proc/irq"),
        PROC_READ_ONLY("/proc/scsi"),
        /* Read-only like the mount it is taken from, which a user namespace may not undo. */
        { WHEN_NO_BOUNDARY, ROW(MOUNT_BIND_INSIDE, MADE_BY_PAYLOAD, "/run/host/proc-kmsg",
                         "/proc/kmsg", NULL, SUID | DEV | EXEC | READ_ONLY, 0, OPTIONAL) },
        SYS_MASK("/sys/module"),
        SYS_MASK("/sys/firmware"),
        SYS_MASK("/sys/power"),
        SYS_MASK("/sys/hypervisor"),
        SYS_MASK("/sys/fs/bpf"),
        SYS_MASK("/sys/kernel/debug"),
        SYS_MASK("/sys/kernel/tracing"),
};
/* clang-format on */

static bool applies(const PlanBuild *build, When when) {
        const Plan *plan = build->plan;
        bool is_boundary = plan->ids.has_namespace && plan->ids.is_boundary;
        bool is_masked = !is_boundary && plan->api_vfs != API_VFS_WRITABLE;
        /* The kernel lets the owner of the network mount one. */
        bool has_own_sysfs = plan->has_private_network || !plan->ids.has_namespace;

        switch (when) {
        case WHEN_ALWAYS:
                return true;
        case WHEN_BOUNDARY:
                return is_boundary;
        case WHEN_NO_BOUNDARY:
                return is_masked;
        case WHEN_NESTING:
                return build->config->privileges.nesting && is_masked;
        case WHEN_NESTING_OWN_SYSFS:
                return build->config->privileges.nesting && is_masked && has_own_sysfs;
        case WHEN_OWN_SYSFS:
                return has_own_sysfs;
        case WHEN_HOST_SYSFS:
                return !has_own_sysfs;
        case WHEN_BOUNDARY_PRIVATE_NET:
                return is_boundary && plan->has_private_network;
        case WHEN_SYSFS_MASKED:
                return is_masked && has_own_sysfs;
        case WHEN_SELINUX:
                return build->facts->has_selinux && !plan->ids.has_namespace;
        case WHEN_NET_KNOBS:
                return is_masked && (plan->has_private_network || plan->api_vfs == API_VFS_NETWORK);
        case WHEN_TMP:
                return !build->facts->environment.lets_tmp_be;
        case WHEN_OWN_QUEUES:
                return plan->has_ipc_namespace || !plan->ids.has_namespace;
        case WHEN_VOLATILE_STATE:
                return build->config->volatile_mode == VOLATILE_STATE;
        case WHEN_MAX:
                break;
        }

        return false;
}

/* A file system made by the manager belongs to the payload's root; one made by the payload does
 * so by itself. Terminals need a group that the payload has. */
static const char *options_of(const PlanBuild *build, const MountStep *step) {
        const IdPlan *ids = &build->plan->ids;
        uint32_t id = ids->root_id, group;

        if (step->kind == MOUNT_DEVPTS && !plan_id_on_host(ids, TTY_GROUP, &group))
                return "ptmxmode=0666,mode=0600";
        if (step->made_by == MADE_BY_PAYLOAD || step->kind != MOUNT_TMPFS || id == 0)
                return step->options;

        return arena_printf(&build->plan->arena, "%s,uid=%u,gid=%u", step->options, id, id);
}

/* Sockets that the machine offers to the host. A system that boots shares it with the host, where
 * it is read-only. */
static void add_export(const PlanBuild *build) {
        Plan *plan = build->plan;
        MountStep step = {
                .kind = MOUNT_TMPFS,
                .made_by = MADE_BY_MANAGER,
                .target = "/run/host/unix-export",
                .options = "mode=0755,size=4m,nr_inodes=64",
                .attributes = SUID | DEV | EXEC | MOUNT_ATTR_NOSYMFOLLOW,
        };

        step.options = options_of(build, &step);
        if (plan->process.kind == PROCESS_BOOT) {
                plan->export_options = step.options;
                plan->export_folder = step.source = arena_printf(
                                &plan->arena, "/run/systemd/nspawn/unix-export/%s", plan->name);
                step.kind = MOUNT_BIND;
                step.options = NULL;
                step.flags = MOUNT_IS_WRITABLE;
        }
        plan_add_mount(plan, &step);
}

static void add_host_files(const PlanBuild *build) {
        const char *os_release = build->facts->os_release_path;
        MountStep incoming = {
                .kind = MOUNT_BIND,
                .made_by = MADE_BY_MANAGER,
                .source = arena_printf(&build->plan->arena, "/run/systemd/nspawn/propagate/%s",
                                build->plan->name),
                .target = "/run/host/incoming",
                /* The only writable part of the host here: never writable, not even for us. */
                .attributes = SUID | DEV | EXEC | READ_ONLY,
                .flags = MOUNT_IS_TUNNEL,
        };

        if (os_release)
                plan_add_mount(build->plan,
                                &(MountStep){
                                                .kind = MOUNT_BIND,
                                                .made_by = MADE_BY_MANAGER,
                                                .source = arena_copy(
                                                                &build->plan->arena, os_release),
                                                .target = "/run/host/os-release",
                                                .attributes = SUID | DEV | EXEC | READ_ONLY,
                                });
        plan_add_mount(build->plan, &incoming);
        add_export(build);
}

static void add_cgroup(Plan *plan) {
        if (!plan->has_cgroup_namespace)
                return;

        plan_add_mount(plan,
                        &(MountStep){
                                        .kind = MOUNT_CGROUP2,
                                        .made_by = MADE_BY_PAYLOAD,
                                        .target = "/sys/fs/cgroup",
                                        .attributes = SUID | DEV | EXEC,
                                        .flags = plan->cgroup.kind == CGROUP_NONE ? OPTIONAL : 0,
                        });
}

int plan_build_mounts(const PlanBuild *build) {
        MadeBy made_by = MADE_BY_MANAGER;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                MountStep step = rows[i].step;

                if (!applies(build, rows[i].when))
                        continue;
                if (text_equal(step.target, "/tmp")) {
                        if (plan_has_custom_mount(build, "/tmp", /* below= */ false))
                                continue;
                        if (plan_has_custom_mount(build, "/tmp", /* below= */ true))
                                step.made_by = MADE_BY_MANAGER; /* or it would cover that */
                }
                if (step.made_by != made_by) {
                        add_host_files(build); /* last of the manager's, below /run/host */
                        made_by = step.made_by;
                }
                if (build->plan->api_vfs == API_VFS_WRITABLE && text_equal(step.target, "/sys"))
                        step.attributes &= ~(uint64_t)READ_ONLY;
                step.options = options_of(build, &step);
                plan_add_mount(build->plan, &step);
        }

        add_cgroup(build->plan);
        return 0;
}
