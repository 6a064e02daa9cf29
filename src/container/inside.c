/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The order of the steps, and why it has to be so:
 *
 *   await MAPPED       before it nobody can be root in the user namespace
 *   namespaces         all that do not need the tree, while the manager assembles it
 *   await ASSEMBLED    then a mount namespace of our own: what is in it is locked (fact 1)
 *   open mounts        proc and sysfs can be mounted only while the host's can be seen (fact 4)
 *   switch root        by a clone of the inherited root, which the kernel holds fast (fact 3)
 *   attach mounts      on targets of the tree, which now is "/"
 *   await PLACED       the control group namespace shows the group that we are in
 *   forget the host    before a path is followed that the tree has chosen
 *   identity, console  need the mounts
 *   send READY         the manager registers us
 *   await GO           nothing of the payload runs before all of the host knows it
 *   exec               gives up what only the set-up needed
 */

#include "container/inside.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "container/handshake.h"
#include "sys/credentials.h"
#include "sys/kernel.h"

static int await_any(const Inside *inside, HandshakeMessage *ret_message) {
        int r = handshake_await(inside->fd, ret_message);

        if (r == -ECONNRESET)
                _exit(EXIT_FAILURE); /* The manager is gone: there is nobody to tell. */
        if (r < 0)
                return log_error_errno(r, "Failed to wait for the manager");

        return 0;
}

static int refuse(void) {
        return log_error_errno(-EPROTO, "Failed to wait for the manager");
}

static int await(const Inside *inside, HandshakeKind kind) {
        HandshakeMessage message;
        int r;

        r = await_any(inside, &message);
        if (r < 0)
                return r;

        handshake_message_done(&message);
        return message.kind == kind ? 0 : refuse();
}

static int await_mapped(Inside *inside) {
        return await(inside, HANDSHAKE_MAPPED);
}

/* Also takes the mounts that come with it. */
static int await_assembled(Inside *inside) {
        size_t n_mounts = inside->plan->n_mounts;
        HandshakeMessage message;

        inside->mount_fds = arena_allocate(inside->arena, n_mounts * sizeof(int));
        for (size_t i = 0; i < n_mounts; i++)
                inside->mount_fds[i] = -EBADF;

        for (;;) {
                int r = await_any(inside, &message);

                if (r < 0)
                        return r;
                if (message.n_fds != 1)
                        return refuse();

                if (message.kind == HANDSHAKE_ASSEMBLED) {
                        inside->tree_fd = message.fds[0];
                        return 0;
                }
                if (message.kind != HANDSHAKE_MOUNT || message.number < 0 ||
                                (size_t)message.number >= n_mounts)
                        return refuse();
                inside->mount_fds[message.number] = message.fds[0];
        }
}

static int await_placed(Inside *inside) {
        return await(inside, HANDSHAKE_PLACED);
}

static int await_go(Inside *inside) {
        return await(inside, HANDSHAKE_GO);
}

static int send_ready(Inside *inside) {
        int fds[2], r;
        size_t n_fds = 0;

        if (inside->master_fd >= 0)
                fds[n_fds++] = inside->master_fd;
        if (inside->kmsg_fd >= 0)
                fds[n_fds++] = inside->kmsg_fd;
        r = handshake_send(inside->fd, HANDSHAKE_READY, 0, NULL, fds, n_fds);
        if (r < 0)
                return log_error_errno(r, "Failed to tell the manager that all is ready");

        inside->master_fd = fd_close(inside->master_fd);
        inside->kmsg_fd = fd_close(inside->kmsg_fd);
        return 0;
}

int inside_become_root(Inside *inside) {
        int r;

        if (!inside->plan->ids.has_namespace)
                return 0;

        r = credentials_become(0, 0, NULL, 0);
        if (r < 0)
                return log_error_errno(r, "Failed to become root of the user namespace");

        return 0;
}

/* Closes every descriptor that the manager had, but for the handshake and what the payload gets.
 * From here on paths are followed that the tree has chosen, and one into /proc/self/fd would
 * lead through such a descriptor to the host: close-on-exec comes too late. */
static int forget_host(Inside *inside) {
        const int kept[] = { inside->fd, inside->kmsg_fd, inside->stub_fd };
        unsigned first = 3 + inside->plan->process.n_listen_fds;

        for (;;) {
                unsigned next = ~0U; /* of those that are kept */

                for (size_t i = 0; i < ELEMENTSOF(kept); i++)
                        if (kept[i] >= (int)first)
                                next = MIN_OF(next, (unsigned)kept[i]);
                if (next > first && close_range(first, next == ~0U ? next : next - 1, 0) < 0)
                        return log_error_errno(-errno, "Failed to close the host's descriptors");
                if (next == ~0U)
                        return 0;
                first = next + 1;
        }
}

static int (*const steps[])(Inside *) = {
        inside_open_stub,
        await_mapped,
        inside_become_root,
        inside_make_namespaces,
        await_assembled,
        inside_copy_mounts,
        inside_open_mounts,
        inside_switch_root,
        inside_attach_mounts,
        await_placed,
        inside_attach_cgroup,
        forget_host,
        inside_set_identity,
        inside_open_console,
        inside_find_user,
        send_ready,
        await_go,
        inside_exec,
};

void container_inside(Container *container, int handshake_fd) {
        Inside inside = {
                .plan = container->plan,
                .arena = &container->arena,
                .limits = container->limits,
                .fd = handshake_fd,
                .tree_fd = -EBADF,
                .master_fd = -EBADF,
                .console_fd = -EBADF,
                .kmsg_fd = -EBADF,
                .stub_fd = -EBADF,
        };
        int r = 0;

        /* The manager's end must have one owner, or its death would go unnoticed. */
        container->handshake_fd = fd_close(container->handshake_fd);
        log_set_sink(handshake_log_sink, &inside.fd);

        for (size_t i = 0; i < ELEMENTSOF(steps) && r >= 0; i++)
                r = steps[i](&inside);

        (void)handshake_send(inside.fd, HANDSHAKE_FAILED, r, NULL, NULL, 0); /* or it is gone */
        _exit(EXIT_FAILURE);
}
