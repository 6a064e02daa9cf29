/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A container's life: everything that exists while a Plan is carried out is a field here.
 *
 * A field that is unset is -EBADF, NULL, false or empty; container_done() takes away what is there
 * in the reverse order of its making, in any state. See the table in container.c for the order.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bus/bus.h"
#include "bus/machine.h"
#include "bus/scope.h"
#include "container/console.h"
#include "container/id-locks.h"
#include "container/receiver.h"
#include "container/record.h"
#include "container/sources.h"
#include "image/layers.h"
#include "image/root.h"
#include "plan/plan.h"
#include "sys/namespace.h"
#include "sys/process.h"

/* The payload's control group. */
typedef struct {
        const char *top;     /* group that holds all of it, made by us or by the service manager */
        const char *payload; /* the delegated group below it, where PID 1 starts */
        const char *left;    /* group that we were found in and have left, or NULL */
        const char *leaf;    /* group below it that we made for ourselves */
        bool is_made;        /* TOP is ours to remove */
        bool is_entered_at_clone;
} CgroupState;

/* What has been opened for one mount, until it is attached. */
typedef struct {
        int fd;         /* detached mount */
        int *layer_fds; /* of an overlay, the upper's last */
        size_t n_layers;
} OpenedMount;

typedef struct Container {
        const Plan *plan;
        Arena arena;

        /* From the first step to the last */
        Record record;
        Root root;
        Sources sources; /* what the user wants to see inside */
        IdLocks id_locks;
        bool is_published;
        bool is_reboot_left; /* to our unit, which is about to start us again */
        bool has_survivors;  /* processes that could not be killed: the record stays, to be swept */
        Bus *bus;
        int end_signal_fd; /* signals that ask for the end */
        int signal_fd;     /* all others that we take */
        Console console;

        /* One boot: made anew after a reboot inside */
        MountHome home; /* on the host, to come back to */
        int time_namespace_fd;
        Layers layers;       /* while an overlay root is put together */
        OpenedMount *opened; /* one per row of the plan while it is assembled, or NULL */
        int root_fd;         /* the assembled tree */
        int old_root_fd;     /* what shows in it where --pivot-root= says; detached */
        int handshake_fd;    /* the manager's end */
        int notify_fd;       /* socket at /run/host/notify */
        int kmsg_fd;         /* keeps the FIFO behind /proc/kmsg quiet */
        CgroupState cgroup;
        Scope *scope;
        Limit limits[LIMIT_MAX]; /* our own, which the payload starts with */
        Receiver receiver;       /* of what the payload's journal sends */
        Process payload;
        Machine *machine;
        bool is_registered;
        bool has_stop_request; /* the service manager wants the scope to end, and has been heard */
} Container;

/* Runs PLAN from start to end, reboots inside included.
 *
 * root, sources, id_locks: taken over from the caller
 * Returns the exit status for our own exit(); errors have been logged. */
int container_run(const Plan *plan, Root *root, Sources *sources, IdLocks *id_locks);
