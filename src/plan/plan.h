/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What will be done. Made from Config and Facts by plan_build(), which touches nothing; carried
 * out by container/. In a plan nothing is left to decide: each array is worked off in order.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/call-filter.h"
#include "base/id-range.h"
#include "base/notes.h"
#include "config/config.h"
#include "plan/bound-user.h"
#include "plan/device-plan.h"
#include "plan/facts.h"
#include "plan/privileges.h"
#include "plan/process-plan.h"
#include "plan/receiver-plan.h"
#include "plan/root-plan.h"
#include "plan/steps.h"

typedef enum {
        OWNERS_AS_THEY_ARE,
        OWNERS_MAPPED,          /* idmapped mount, ids on disk start at 0 */
        OWNERS_MAPPED_OR_CHOWN, /* chown where the file system cannot */
        OWNERS_CHOWN,
        OWNERS_MAX,
} OwnersPlan;

typedef struct {
        bool has_namespace;
        bool is_boundary; /* the payload's root is nobody on the host */
        IdRange *ranges;  /* the same for users and groups */
        size_t n_ranges;
        uint32_t root_id; /* host id of the payload's root */
        OwnersPlan owners;
        uint32_t disk_base; /* OWNERS_MAPPED: what the payload's id 0 is on disk */
} IdPlan;

/* The host's id of the payload's INSIDE; false if the payload has no such id. Without a user
 * namespace all ids are the host's. */
bool plan_id_on_host(const IdPlan *ids, uint32_t inside, uint32_t *ret_outside);

/* OWNERS_MAPPED: maps owners on disk to the host's ids, in ARENA; a mount that is mapped so shows
 * the payload its own ids. */
IdMap plan_owner_map(const IdPlan *ids, Arena *arena);

typedef enum {
        CGROUP_NONE,
        CGROUP_SCOPE, /* transient scope, made by the service manager */
        CGROUP_UNIT,  /* the unit this program runs in, split into supervisor and payload */
        CGROUP_OWN,   /* made by ourselves below the nearest hierarchy that can be written */
        CGROUP_PLAN_MAX,
} CgroupKind;

typedef struct {
        CgroupKind kind;
        const char *unit; /* CGROUP_SCOPE: "machine-NAME.scope" */
        const char *slice;
        const StringList *properties; /* NAME=VALUE, the user's */
        const char *const *devices;   /* "/dev/net/tun rwm", NULL at the end */
} CgroupPlan;

typedef struct {
        bool is_own;             /* a time namespace is made */
        bool boottime_from_zero; /* else the offset below */
        bool monotonic_from_zero;
        int64_t boottime_offset_us;
        int64_t monotonic_offset_us;
} TimePlan;

typedef struct {
        Arena arena; /* owns everything below */

        const char *name;           /* machine name */
        const char *hostname;       /* kernel host name inside */
        const char *root;           /* path of the tree on the host */
        const char *export_folder;  /* where the host sees /run/host/unix-export, or NULL */
        const char *export_options; /* of the tmpfs there */
        uint8_t uuid[16];
        const char *service; /* word for $container and machined */
        bool is_root_read_only;
        RootPlan layers;
        bool has_private_network;
        bool has_cgroup_namespace;
        bool has_pid_namespace;
        bool has_uts_namespace;
        bool has_ipc_namespace;
        ApiVfs api_vfs;        /* without a boundary only */
        bool has_global_locks; /* nspawn's on name and tree, which may be switched off */
        bool has_credentials;

        IdPlan ids;
        FolderStep *folders; /* their descriptors follow those of Facts.sources */
        size_t n_folders, n_folders_allocated;
        FileStep *base_files; /* before any mount */
        size_t n_base_files, n_base_files_allocated;
        MountStep *mounts;
        size_t n_mounts, n_mounts_allocated;
        FileStep *files; /* behind the manager's mounts */
        size_t n_files, n_files_allocated;
        CgroupPlan cgroup;
        DevicePlan devices;
        TimePlan time;
        ProcessPlan process;
        ReceiverPlan receiver;
        PrivilegePlan privileges;
        RegisterMode register_mode; /* AUTO without a bus has become NO */
        BoundUser *users;
        size_t n_users;
        bool notify_ready;     /* READY=1 only when PID 1 says so */
        bool reboots_in_place; /* else a reboot inside ends us with status 133, for our unit */
        bool is_quiet;
} Plan;

/* Decides everything.
 *
 * Returns 0, or -EINVAL / -EPERM / -ENOENT with an error note that says what is wrong with the
 * request on this host. Warnings and notices go to NOTES as well. Free with plan_done() even after
 * an error. */
int plan_build(const Config *config, const Facts *facts, Plan *plan, Notes *notes);

void plan_done(Plan *plan);
