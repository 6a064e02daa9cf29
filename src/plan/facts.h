/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is true on this host and of this tree, read once before anything is decided.
 *
 * container/gather and image/ fill it; plan/ reads it and asks nothing else. Golden tests write it
 * by hand, so a plan can be tested without root and without the host it speaks of.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/architecture.h"
#include "base/arena.h"
#include "base/limit.h"
#include "config/integration.h"
#include "config/types.h"
#include "plan/device-facts.h"
#include "plan/integration-facts.h"
#include "plan/root-facts.h"
#include "plan/source-facts.h"

/* Where a control group for the payload can be had; see sys/cgroup. */
typedef enum {
        CGROUP_HOST_NONE,    /* no cgroup2 mount that can be written */
        CGROUP_HOST_SYSTEMD, /* the service manager hands them out */
        CGROUP_HOST_OWN,     /* a cgroup2 hierarchy that nobody manages */
        CGROUP_HOST_MAX,
} CgroupHost;

/* How much of /proc and /sys the payload may write to where no ids guard them. */
typedef enum {
        API_VFS_LOCKED,
        API_VFS_NETWORK,  /* /proc/sys/net */
        API_VFS_WRITABLE, /* all, and nothing is masked */
        API_VFS_MAX,
} ApiVfs;

/* What systemd-nspawn's variables say, SYSTEMD_NSPAWN_ in front of the names. */
typedef struct {
        ApiVfs api_vfs;            /* API_VFS_WRITABLE */
        bool lets_os_release_lack; /* CHECK_OS_RELEASE is no */
        bool lets_tmp_be;          /* TMPFS_TMP is no */
        bool lets_cgroup_be;       /* USE_CGNS is no */
        bool lets_others_lock;     /* LOCK is no */
        bool shares_ipc;           /* SHARE_NS_IPC, or SHARE_SYSTEM for all three */
        bool shares_pid;
        bool shares_uts;
        bool suppresses_sync;    /* SYSTEMD_SUPPRESS_SYNC, without NSPAWN_ */
        bool keeps_title;        /* SYSTEMD_ADJUST_TERMINAL_TITLE is no */
        bool keeps_background;   /* SYSTEMD_TINT_BACKGROUND is no */
        bool lets_calls_be;      /* SYSTEMD_SECCOMP is no */
        bool logs_refused_calls; /* SYSTEMD_LOG_SECCOMP */
        const char *service;     /* CONTAINER_SERVICE, or NULL */
} EnvironmentFacts;

typedef struct {
        Arena arena; /* owns every string below */

        /* This process */
        bool is_root;
        uint64_t capabilities; /* that this process has, see base/capability */
        bool has_terminal;     /* stdin and stdout are terminals */
        bool has_any_terminal; /* one of stdin, stdout and stderr is one */
        const char *term;      /* $TERM, or NULL */
        const char *colorterm;
        const char *no_color;
        unsigned n_listen_fds;    /* passed in by socket activation, from descriptor 3 on */
        const char *listen_names; /* $LISTEN_FDNAMES, or NULL */
        EnvironmentFacts environment;

        /* The host */
        bool has_system_bus;
        Limit limit_nproc; /* of the host's process 1 */
        Limit limit_sigpending;
        Architecture architecture; /* of this program, and so of the kernel or half of it */
        CgroupHost cgroup_host;
        const char *own_cgroup; /* cgroup2 path of this process, "/" at the root, NULL: none */
        bool is_cgroup_namespace_supported;
        bool is_time_namespace_supported;
        bool is_user_namespace_supported;
        bool is_in_user_namespace; /* in which nobody can make device nodes */
        bool has_dev_fuse;         /* can be opened for reading and writing */
        bool has_dev_tun;
        bool has_selinux;        /* its file system is mounted */
        bool has_selinux_policy; /* read only where a label is wanted */
        bool has_apparmor;       /* the same */
        bool has_all_ids;        /* of the host; read only where a range of them is picked */
        uint32_t picked_base;    /* first id of the range that was locked for us; 0: none */
        uint32_t delegated_bases[USERS_DELEGATE_MAX]; /* the same for --private-users-delegate= */
        unsigned n_delegated;
        const char *random_suffix;   /* 16 hex digits, only for --ephemeral and --template= */
        uint8_t random_uuid[16];     /* for machines that have none */
        StringList os_release;       /* container_host_…=… for the payload's environment */
        const char *os_release_path; /* the file they come from, or NULL */

        DeviceFactsList devices;  /* all that --device= stands for here */
        SourceList sources;       /* the host paths of all mounts that the user wants */
        HostFileList credentials; /* what --load-credential= names, under its id */

        /* Read only as far as an option needs it; a name is a path then, NULL: no such file */
        HostFile resolv_confs[RESOLV_SOURCE_MAX];
        bool has_resolved_stub; /* systemd-resolved runs and answers on its local address */
        HostFile localtime;
        const char *timezone; /* the zone that /etc/localtime links to, or NULL */
        HostUserList host_users;
        JournalFacts journal;

        RootFacts root;
} Facts;

/* Whether host and tree are in the same zone: by its name, or both in UTC. */
bool facts_have_one_timezone(const Facts *facts);

/* Frees all strings. */
void facts_done(Facts *facts);
