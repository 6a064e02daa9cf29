/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/register.h"

#include <errno.h>
#include <poll.h>

#include "base/log.h"
#include "base/macro.h"
#include "bus/property.h"
#include "container/place.h"
#include "sys/cgroup.h"

/* How long the service manager and machined may take for one answer. Usual are 5 to 40 ms; machined
 * may have to be started first, but must not hold up a start that can do without. */
enum {
        SCOPE_TIMEOUT_US = 15 * 1000 * 1000,
        MACHINE_TIMEOUT_US = 15 * 1000 * 1000,
        MACHINE_AUTO_TIMEOUT_US = 5 * 1000 * 1000,
        ACCEPT_TIMEOUT_US = 5 * 1000 * 1000,
        END_TIMEOUT_US = 5 * 1000 * 1000,
};

static uint64_t deadline_in(uint64_t timeout_us) {
        return clock_monotonic_us() + timeout_us;
}

static bool is_settled(const Container *container) {
        return (!container->scope || scope_start_is_settled(container->scope)) &&
               (!container->machine || machine_register_is_settled(container->machine));
}

/* Waits like scope_start_finish() and machine_register_finish(), which say what went wrong; but a
 * signal that asks for the end ends the wait (-ECANCELED; logged). */
static int await_settled(Container *container, uint64_t deadline_us) {
        while (!is_settled(container) && !bus_is_lost(container->bus) &&
                        clock_monotonic_us() < deadline_us) {
                struct pollfd fds[2] = { [1] = { .fd = container->end_signal_fd,
                                                         .events = POLLIN } };
                uint64_t process_at_us;

                bus_get_poll(container->bus, &fds[0], &process_at_us);
                if (poll(fds, ELEMENTSOF(fds),
                                    clock_poll_timeout(MIN_OF(deadline_us, process_at_us))) < 0 &&
                                errno != EINTR)
                        return log_error_errno(-errno, "Failed to wait for the system bus");
                if (fds[1].revents)
                        return log_error_errno(-ECANCELED, "Gave up starting machine '%s'",
                                        container->plan->name);
                (void)bus_process(container->bus); /* A lost connection ends the loop. */
        }

        return 0;
}

/* A bad property is refused before anything is touched. */
static int check_properties(Container *container) {
        const StringList *properties = container->plan->cgroup.properties;

        for (size_t i = 0; i < properties->n_items; i++) {
                const char *reason = NULL;

                if (property_check(&container->arena, properties->items[i], &reason) >= 0)
                        continue;
                log_error("--property=%s: %s", properties->items[i], reason);
                return -EINVAL;
        }

        return 0;
}

int register_open(Container *container) {
        const Plan *plan = container->plan;
        bool is_needed = plan->cgroup.kind == CGROUP_SCOPE || plan->register_mode == REGISTER_YES;
        int r;

        r = check_properties(container);
        if (r < 0 || (!is_needed && plan->register_mode == REGISTER_NO))
                return r;

        r = bus_open(BUS_SYSTEM, &container->bus);
        if (r < 0 && is_needed)
                return log_error_hint(r,
                                r == -ENOPKG ? "install libsystemd0"
                                             : "--keep-unit --register=no needs no bus",
                                "Failed to connect to the system bus");
        return 0;
}

static void close_bus(Container *container) {
        if (container->bus)
                bus_free(container->bus);
        container->bus = NULL;
}

int register_reopen(Container *container) {
        if (!container->bus || !bus_is_lost(container->bus))
                return 0;

        close_bus(container);
        return register_open(container);
}

void register_await_bus(Container *container) {
        if (container->bus)
                (void)bus_wait_accepted(container->bus, deadline_in(ACCEPT_TIMEOUT_US));
}

int register_begin_scope(Container *container) {
        const Plan *plan = container->plan;
        const ScopeRequest request = {
                .unit = plan->cgroup.unit,
                .description = arena_printf(&container->arena, "Container %s", plan->name),
                .slice = plan->cgroup.slice,
                .payload = container->payload,
                .is_boot = plan->process.kind == PROCESS_BOOT,
                .kill_signal = MAX_OF(plan->process.kill_signal, 0),
                .devices = plan->cgroup.devices,
                .properties = plan->cgroup.properties,
        };

        if (plan->cgroup.kind != CGROUP_SCOPE)
                return 0;

        return scope_start_begin(container->bus, &request, &container->scope);
}

int register_finish_scope(Container *container) {
        CgroupTree tree;
        const char *group;
        uint64_t deadline_us;
        int r;

        if (!container->scope)
                return 0;

        deadline_us = deadline_in(SCOPE_TIMEOUT_US);
        r = await_settled(container, deadline_us);
        if (r >= 0)
                r = scope_start_finish(container->scope, deadline_us);
        if (r == -EOPNOTSUPP)
                log_error("No service manager answers on the system bus "
                          "(--keep-unit --register=no needs none)");
        if (r < 0)
                return r;

        r = cgroup_find(&container->arena, &tree);
        if (r >= 0)
                r = cgroup_of_process(&container->arena, container->payload.pid, &group);
        if (r < 0)
                return log_error_errno(r, "Failed to find the control group of '%s'",
                                container->plan->cgroup.unit);

        return place_into_scope(
                        container, arena_printf(&container->arena, "%s%s", tree.mount, group));
}

int register_begin_machine(Container *container) {
        const Plan *plan = container->plan;
        const MachineRequest request = {
                .name = plan->name,
                .uuid = plan->uuid,
                .service = plan->service,
                .root_directory = plan->root,
                .leader = container->payload,
                .is_required = plan->register_mode == REGISTER_YES,
        };
        int r;

        if (plan->register_mode == REGISTER_NO || !container->bus)
                return 0;

        r = machine_register_begin(container->bus, &request, &container->machine);
        return request.is_required ? r : 0;
}

int register_finish_machine(Container *container) {
        bool is_required = container->plan->register_mode == REGISTER_YES;
        uint64_t deadline_us =
                        deadline_in(is_required ? MACHINE_TIMEOUT_US : MACHINE_AUTO_TIMEOUT_US);
        int r;

        if (!container->machine)
                return 0;

        r = await_settled(container, deadline_us);
        if (r < 0)
                return r;
        r = machine_register_finish(container->machine, deadline_us);
        container->is_registered = r >= 0;
        return is_required ? r : 0;
}

void register_get_poll(Container *container, struct pollfd *ret_pollfd, uint64_t *ret_deadline_us) {
        *ret_pollfd = (struct pollfd){ .fd = -1 };
        *ret_deadline_us = UINT64_MAX;
        if (container->bus)
                bus_get_poll(container->bus, ret_pollfd, ret_deadline_us);
}

bool register_process(Container *container) {
        int r;

        r = bus_process(container->bus);
        if (r < 0)
                log_warning("Lost the connection to the system bus: machine '%s' goes on without",
                                container->plan->name);
        if (!container->scope || container->has_stop_request ||
                        !scope_stop_is_requested(container->scope))
                return false;

        container->has_stop_request = true;
        return true;
}

void register_done_boot(Container *container) {
        /* Also a registration that failed may yet be answered. Failures are logged. */
        if (container->machine)
                (void)machine_unregister(container->machine, deadline_in(END_TIMEOUT_US));
        machine_free(container->machine);
        container->machine = NULL;
        container->is_registered = false;

        if (container->scope)
                (void)scope_stop(container->scope, deadline_in(END_TIMEOUT_US)); /* logged */
        scope_free(container->scope);
        container->scope = NULL;
        container->has_stop_request = false;
}

void register_done(Container *container) {
        close_bus(container);
}
