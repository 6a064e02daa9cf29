/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of a container:
 *
 *   once    publish      name, tree, record                         publish.c
 *   boot    place        control group, if it is ours to make       place.c
 *           spawn        the payload's side; it makes namespaces    spawn.c
 *           ids, scope   while we                                   place.c, register.c
 *           assemble     the tree in a private mount namespace      assemble.c
 *           PLACED       while it mounts, and switches the root     place.c
 *           READY        the console arrives                        here
 *           register     machined, record, service manager          register.c, publish.c
 *           GO           the payload's program runs                 here
 *           supervise    to its end                                 supervise.c
 *           end          what belonged to this boot goes
 *   once    done         all the rest, in the reverse order
 *
 * A reboot inside goes back to "boot"; under --keep-unit the service manager starts us again.
 */

#include "container/container.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "container/assemble.h"
#include "container/handshake.h"
#include "container/payload-notify.h"
#include "container/place.h"
#include "container/publish.h"
#include "container/register.h"
#include "container/resources.h"
#include "container/spawn.h"
#include "container/supervise.h"

/* How long the payload's side may take for its set-up, and for the exec. */
enum { START_TIMEOUT_US = 60 * 1000 * 1000 };

/* A machine that reboots this often within this time each does nothing else. */
enum { QUICK_REBOOTS_MAX = 20, QUICK_REBOOT_US = 1000 * 1000 };

static void container_init(Container *container, const Plan *plan) {
        *container = (Container){
                .plan = plan,
                .record = RECORD_NONE,
                .root = ROOT_NONE,
                .end_signal_fd = -EBADF,
                .signal_fd = -EBADF,
                .home = MOUNT_HOME_NONE,
                .time_namespace_fd = -EBADF,
                .layers = LAYERS_NONE,
                .root_fd = -EBADF,
                .old_root_fd = -EBADF,
                .handshake_fd = -EBADF,
                .notify_fd = -EBADF,
                .kmsg_fd = -EBADF,
                .receiver = RECEIVER_NONE,
                .payload = PROCESS_NONE,
        };
        console_init(&container->console);
}

/* Takes messages of the payload's side until one that is neither LOG nor FAILED.
 *
 * Returns 1 with it, 0 at end-of-file, or a negative errno after an error line. */
static int next_message(Container *container, HandshakeMessage *ret_message) {
        uint64_t deadline_us = clock_monotonic_us() + START_TIMEOUT_US;

        for (;;) {
                HandshakeMessage message;
                int r;

                r = handshake_receive(container->handshake_fd, container->end_signal_fd,
                                deadline_us, &message);
                if (r == -ECANCELED)
                        return log_error_errno(
                                        r, "Gave up starting machine '%s'", container->plan->name);
                if (r < 0)
                        return log_error_errno(r, "Failed to hear from the payload's side");
                if (r == 0)
                        return 0;

                if (message.kind == HANDSHAKE_FAILED) {
                        handshake_message_done(&message);
                        return message.number < 0 ? message.number : -EIO; /* told by a LOG */
                }
                if (message.kind != HANDSHAKE_LOG) {
                        *ret_message = message;
                        return 1;
                }
                handshake_message_done(&message);
                if (message.number >= LOG_ERROR && message.number < LOG_LEVEL_MAX)
                        log_line((LogLevel)message.number, message.text);
        }
}

static int died_early(Container *container) {
        log_error("The payload's side of machine '%s' ended before it was ready",
                        container->plan->name);
        return -ECHILD;
}

/* Waits for READY and takes over what comes with it. */
static int await_ready(Container *container) {
        bool has_console = container->plan->process.console != CONSOLE_PIPE;
        HandshakeMessage message;
        int r;

        r = next_message(container, &message);
        if (r < 0)
                return r;
        if (r == 0)
                return died_early(container);
        if (message.kind != HANDSHAKE_READY || message.n_fds < (has_console ? 1 : 0)) {
                handshake_message_done(&message);
                return log_error_errno(-EPROTO, "Failed to hear from the payload's side");
        }

        for (size_t i = has_console ? 1 : 0; i < message.n_fds; i++) {
                fd_close(container->kmsg_fd);
                container->kmsg_fd = message.fds[i];
        }
        return has_console ? console_attach(&container->console, message.fds[0]) : 0;
}

/* Lets the program run. */
static int go(Container *container) {
        return handshake_tell(container->handshake_fd, HANDSHAKE_GO, 0, -EBADF);
}

/* Waits until it does: end-of-file says so. */
static int await_exec(Container *container) {
        HandshakeMessage message;
        int r;

        r = next_message(container, &message);
        if (r > 0) {
                handshake_message_done(&message);
                return log_error_errno(-EPROTO, "Failed to hear from the payload's side");
        }
        container->handshake_fd = fd_close(container->handshake_fd);
        return r;
}

/* The payload has ended before its time: prints why. */
static int hear_end(Container *container) {
        HandshakeMessage message;
        int r;

        r = next_message(container, &message);
        if (r > 0)
                handshake_message_done(&message);
        return r < 0 ? r : died_early(container);
}

/* The rest of what the payload needs around it, once it is a process. */
static int place(Container *container) {
        int r;

        r = register_finish_scope(container);
        if (r == -ESRCH)
                return hear_end(container);
        if (r >= 0) /* not earlier: here the payload's side is at work and does not wait for us */
                r = place_device_filter(container);
        if (r >= 0)
                r = register_begin_machine(container);
        if (r < 0)
                return r;

        return handshake_tell(container->handshake_fd, HANDSHAKE_PLACED, 0, -EBADF);
}

/* READY from the payload's side, GO from ours. Where nothing has to be done in between, GO goes
 * ahead, and nobody waits for an answer. */
static int meet(Container *container) {
        bool is_ahead = container->plan->process.console == CONSOLE_PIPE && !container->machine;
        int r = 0;

        if (is_ahead)
                r = go(container);
        if (r >= 0)
                r = await_ready(container);
        if (r < 0 || is_ahead)
                return r;

        r = register_finish_machine(container);
        if (r >= 0 && container->is_registered)
                r = publish_record(container);
        if (r >= 0)
                r = go(container);
        return r;
}

static int start(Container *container) {
        int r;

        r = register_reopen(container);
        if (r >= 0)
                r = place_prepare(container);
        if (r >= 0 && container->cgroup.top)
                r = publish_record(container); /* what to clean up, should we be killed */
        if (r >= 0)
                r = container_enter_assembly(container);
        if (r >= 0)
                r = container_spawn(container);
        if (r >= 0)
                r = place_ids(container);
        if (r >= 0)
                r = resources_set_oom_score(container);
        if (r >= 0)
                r = register_begin_scope(container);
        if (r >= 0) /* it makes its other namespaces meanwhile */
                r = container_assemble(container);
        if (r >= 0)
                r = receiver_start(container);
        if (r >= 0)
                r = place(container);
        if (r >= 0)
                r = publish_record(container);
        if (r >= 0)
                r = receiver_await(container);
        if (r >= 0)
                r = meet(container);
        if (r >= 0)
                r = await_exec(container);
        if (r >= 0) /* Not earlier: the kernel takes the namespace down, while others wait. */
                r = container_leave_assembly(container);
        if (r >= 0)
                payload_notify_started(container);
        return r;
}

/* Ends what belonged to one boot. */
static void end(Container *container) {
        container->handshake_fd = fd_close(container->handshake_fd);
        process_done(&container->payload);
        register_done_boot(container);
        place_done(container);
        receiver_done(container); /* not earlier: all of the payload is dead by now */
        container->notify_fd = fd_close(container->notify_fd);
        container->kmsg_fd = fd_close(container->kmsg_fd);
        (void)container_leave_assembly(container); /* logged; nothing more can be done */
        layers_done(&container->layers);
        container->old_root_fd = fd_close(container->old_root_fd);
        container->root_fd = fd_close(container->root_fd);
        container->root.mount_fd = fd_close(container->root.mount_fd);
        container->time_namespace_fd = fd_close(container->time_namespace_fd);
}

static void container_done(Container *container) {
        end(container);
        console_done(&container->console);
        register_done(container);
        sources_done(container->plan, &container->sources);
        publish_done(container);
        root_done(&container->root);
        id_locks_done(&container->id_locks);
        container->end_signal_fd = fd_close(container->end_signal_fd);
        container->signal_fd = fd_close(container->signal_fd);
        arena_done(&container->arena);
}

static int open_all(Container *container) {
        const ProcessPlan *process = &container->plan->process;
        int r;

        r = supervise_open_signals(&container->end_signal_fd, &container->signal_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to take signals");

        r = register_open(container);
        if (r >= 0)
                r = publish_machine(container);
        if (r < 0 || process->console == CONSOLE_PIPE)
                return r;

        console_open(&container->console, &container->arena, process->console, STDIN_FILENO,
                        STDOUT_FILENO);
        terminal_looks_set(&container->console.looks, process->title,
                        process->background || process->tints);
        if (process->background)
                terminal_looks_add_background(&container->console.looks, process->background);
        container->console.tints = process->tints;
        return 0;
}

/* A system that is asked to end before it has come up has nothing to do for that; a command that
 * never ran has not succeeded. As systemd-nspawn has it. */
static bool is_end_of_boot(const Container *container) {
        return container->plan->process.kind == PROCESS_BOOT && supervise_is_end_wanted(container);
}

static int run(Container *container) {
        bool is_reboot = false;
        int r;

        r = open_all(container);
        if (r < 0)
                return EXIT_FAILURE;
        if (container->plan->process.console == CONSOLE_INTERACTIVE)
                log_notice("Machine '%s' starts: Ctrl-] three times within a second ends it, "
                           "Ctrl-] Ctrl-] p powers it off",
                                container->plan->name);

        for (unsigned n_quick = 0; n_quick < QUICK_REBOOTS_MAX;) {
                uint64_t start_us = clock_monotonic_us();
                Outcome outcome;

                r = start(container);
                if (r == -ECANCELED && (is_reboot || is_end_of_boot(container)))
                        return EXIT_SUCCESS; /* It has ended as asked. */
                if (r < 0)
                        return EXIT_FAILURE;

                outcome = supervise(container);
                end(container);
                if (outcome.kind != OUTCOME_REBOOT || !container->plan->reboots_in_place) {
                        container->is_reboot_left = outcome.kind == OUTCOME_REBOOT &&
                                                    !supervise_is_end_wanted(container);
                        return outcome.status;
                }
                if (supervise_is_end_wanted(container))
                        return EXIT_SUCCESS;
                log_debug("Machine '%s' reboots", container->plan->name);
                is_reboot = true;
                n_quick = clock_monotonic_us() - start_us < QUICK_REBOOT_US ? n_quick + 1 : 0;
        }

        log_error("Machine '%s' reboots again and again, giving up", container->plan->name);
        return EXIT_FAILURE;
}

int container_run(const Plan *plan, Root *root, Sources *sources, IdLocks *id_locks) {
        Container container;
        int status;

        container_init(&container, plan);
        container.root = *root;
        *root = ROOT_NONE;
        container.sources = *sources;
        *sources = SOURCES_NONE;
        container.id_locks = *id_locks;
        id_locks->n_items = 0;

        status = run(&container);
        container_done(&container);
        return status;
}
