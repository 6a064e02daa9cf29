/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The payload's side of a start: runs in the new namespaces, as a copy of the manager, from the
 * clone to the exec. It prints nothing itself: messages go to the manager.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "container/container.h"

/* Who the program runs as, looked up in the tree's own database. */
typedef struct {
        uid_t uid;
        gid_t gid;
        const char *name;
        const char *home;
        const char *shell;
        gid_t *groups;
        size_t n_groups;
} InsideUser;

/* What the steps share. */
typedef struct {
        const Plan *plan;
        Arena *arena;
        const Limit *limits; /* that we were made with */
        int fd;              /* our end of the handshake */
        int tree_fd;         /* the assembled tree */
        int *mount_fds;      /* one per row of the plan, until all are attached */
        int root_fd;         /* these two while mounts are attached: "/", */
        int host_fd;         /* and what the manager has put below it for us */
        int master_fd;       /* the console's */
        int console_fd;
        int kmsg_fd;
        int stub_fd; /* the stub init, if there is to be one */
        InsideUser user;
} Inside;

/* Never returns: it ends in exec, or with a FAILED message. HANDSHAKE_FD is our end. */
_Noreturn void container_inside(Container *container, int handshake_fd);

/* The steps; each returns 0 or a negative errno that it has logged. */
int inside_become_root(Inside *inside);
int inside_make_namespaces(Inside *inside); /* network, ipc, uts */
int inside_copy_mounts(Inside *inside);     /* an own mount namespace, in the assembled tree */
int inside_open_mounts(Inside *inside);     /* what needs a fully visible /proc and /sys */
int inside_switch_root(Inside *inside);
int inside_attach_mounts(Inside *inside); /* all but the control group's */
int inside_attach_cgroup(Inside *inside);
int inside_set_identity(Inside *inside);
int inside_open_console(Inside *inside);
int inside_find_user(Inside *inside);

/* Sets the limits and processors of this process: the last thing before it becomes the payload, as
 * nobody knows what can still be done under them. Logged. */
int inside_limit(const Inside *inside);

int inside_exec(Inside *inside); /* returns only on failure */

/* Where PID 1 is to be the stub init (stub-init.c): opens its program, before we become root
 * inside, as it must not belong to that one; and runs it, while a child that is PID 2 goes on with
 * the steps. Logged. */
int inside_open_stub(Inside *inside);
int inside_fork_stub(Inside *inside);

/* For what becomes a program in the container, be it the stub: takes away what nothing there may
 * have, capabilities outside of CAPABILITIES among it; installs a filter, behind which it can do no
 * more than the payload; and makes the kernel end it with the manager. Logged. */
int inside_confine(Inside *inside, uint64_t capabilities);
int inside_install_filter(const CallFilter *filter);
int inside_die_with_manager(const Inside *inside);
