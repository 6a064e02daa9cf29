/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Only the manager knows how its payload wants to be asked, so the manager is asked: by SIGTERM,
 * the second of which makes it kill the payload. All machines are asked before any is waited for.
 *
 * --force goes on from there: SIGTERM again and again (equal signals that are not taken yet count
 * as one), and at last the manager is killed. Its payload dies with it; what a hostile one leaves
 * is killed in its control group, the rest is swept by the next start of the name.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "control/arguments.h"
#include "control/machine.h"
#include "control/manager.h"
#include "control/verbs.h"
#include "sys/cgroup.h"

#define STOP_TIMEOUT_US   (90 * USEC_PER_SEC)
#define FORCE_TIMEOUT_US  (10 * USEC_PER_SEC)
#define FORCE_INTERVAL_US (200 * USEC_PER_MSEC)
#define KILL_TIMEOUT_US   (5 * USEC_PER_SEC)

typedef struct {
        const char *name;
        const char *cgroup; /* of all of the payload, or NULL */
        Process manager;    /* empty: it has ended, or was never found */
} Target;

typedef struct {
        Target *items;
        struct pollfd *poll_fds; /* one for each */
        size_t n_items;
} Targets;

static int open_target(Arena *arena, const char *name, Target *ret_target) {
        Target target = { .name = name, .manager = PROCESS_NONE };
        Machine machine;
        int r;

        *ret_target = target;
        r = machine_load(arena, name, &machine);
        if (r >= 0)
                r = manager_open(name, &target.manager);
        if (r == -EBADMSG) {
                log_error("Process %" PRId64 " is not the manager of machine '%s', as its record "
                          "says, leaving it alone",
                                machine.record.manager, name);
                return r;
        }
        if (r < 0)
                return machine_log(name, r);

        target.cgroup = machine.record.cgroup;
        *ret_target = target;
        return 0;
}

/* Sends SIGNAL to the managers that are still there. */
static int signal_all(const Targets *targets, int signal) {
        int r, result = 0;

        for (size_t i = 0; i < targets->n_items; i++) {
                r = process_signal(&targets->items[i].manager, signal);
                if (r < 0 && r != -ESRCH)
                        result = log_error_errno(r, "Failed to signal the manager of machine '%s'",
                                        targets->items[i].name);
        }

        return result;
}

/* Waits until all managers have ended, at most until DEADLINE_US. Returns how many are left. */
static size_t wait_for_all(const Targets *targets, uint64_t deadline_us) {
        for (;;) {
                size_t n_left = 0;

                for (size_t i = 0; i < targets->n_items; i++) {
                        Process *manager = &targets->items[i].manager;

                        if (targets->poll_fds[i].revents != 0)
                                manager_close(manager);
                        targets->poll_fds[i] =
                                        (struct pollfd){ .fd = manager->pidfd, .events = POLLIN };
                        n_left += process_is_set(manager);
                }
                if (n_left == 0)
                        return 0;
                if (poll(targets->poll_fds, targets->n_items, clock_poll_timeout(deadline_us)) == 0)
                        return n_left; /* An error is EINTR: looked at again. */
        }
}

/* What the manager could not do any more. */
static int kill_target(Target *target) {
        int r;

        log_warning("The manager of machine '%s' does not answer, killing it", target->name);
        (void)process_signal(&target->manager, SIGKILL); /* -ESRCH is as good. */
        r = text_is_empty(target->cgroup)
                            ? 0
                            : cgroup_kill(target->cgroup, (int)(KILL_TIMEOUT_US / USEC_PER_MSEC));
        if (r < 0)
                return log_error_errno(r, "Failed to kill what is left of machine '%s' in '%s'",
                                target->name, target->cgroup);

        return 0;
}

static int force_all(const Targets *targets) {
        uint64_t deadline_us = clock_monotonic_us() + FORCE_TIMEOUT_US;
        int r, result = 0;

        while (clock_monotonic_us() < deadline_us) {
                r = signal_all(targets, SIGTERM);
                if (r < 0)
                        return r;
                if (wait_for_all(targets, clock_monotonic_us() + FORCE_INTERVAL_US) == 0)
                        return 0;
        }

        for (size_t i = 0; i < targets->n_items; i++)
                if (process_is_set(&targets->items[i].manager)) {
                        r = kill_target(&targets->items[i]);
                        result = r < 0 ? r : result;
                }
        if (wait_for_all(targets, clock_monotonic_us() + KILL_TIMEOUT_US) == 0)
                return result;

        log_error("The kernel does not let go of the machine's manager");
        return -ETIMEDOUT;
}

static int stop_targets(const Arguments *arguments, const Targets *targets) {
        bool is_forced = arguments->given & VERB_FORCE;
        uint64_t timeout_us = arguments->given & VERB_TIMEOUT ? arguments->timeout_us
                              : is_forced                     ? 0
                                                              : STOP_TIMEOUT_US;
        int r;

        r = signal_all(targets, SIGTERM);
        if (r < 0)
                return r;
        if (wait_for_all(targets, clock_monotonic_us() + timeout_us) == 0)
                return 0;
        if (is_forced)
                return force_all(targets);

        for (size_t i = 0; i < targets->n_items; i++)
                if (process_is_set(&targets->items[i].manager))
                        log_error("Machine '%s' has not stopped in time (--force ends it)",
                                        targets->items[i].name);
        return -ETIMEDOUT;
}

static int stop(Arguments *arguments) {
        Arena *arena = &arguments->arena;
        size_t n = arguments->names.n_items;
        Targets targets = {
                .items = arena_allocate(arena, n * sizeof *targets.items),
                .poll_fds = arena_allocate(arena, n * sizeof *targets.poll_fds),
                .n_items = n,
        };
        int r, result = 0;

        for (size_t i = 0; i < n; i++) {
                r = open_target(arena, arguments->names.items[i], &targets.items[i]);
                result = r < 0 ? r : result;
        }

        r = stop_targets(arguments, &targets);
        for (size_t i = 0; i < n; i++)
                manager_close(&targets.items[i].manager);
        return r < 0 ? r : result;
}

int verb_stop(int argc, char **argv) {
        Arguments arguments;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        if (r > 0)
                r = stop(&arguments);
        arguments_done(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
