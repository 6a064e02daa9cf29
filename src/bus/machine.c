/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/machine.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "bus/call.h"

#define MACHINE_CLASS "container"

/* Generations of the interface, newest first. */
typedef enum {
        REGISTER_EX,
        REGISTER_WITH_NETWORK,
        REGISTER_PLAIN,
        REGISTER_CALL_MAX,
} RegisterCall;

static const char *const call_names[] = {
        [REGISTER_EX] = "RegisterMachineEx", /* systemd 259 */
        [REGISTER_WITH_NETWORK] = "RegisterMachineWithNetwork",
        [REGISTER_PLAIN] = "RegisterMachine",
};
static_assert(ELEMENTSOF(call_names) == REGISTER_CALL_MAX, "one name per call");

struct Machine {
        Bus *bus;
        Arena arena; /* owns all text */
        const char *name, *service, *root_directory;
        uint8_t uuid[16];
        size_t uuid_size; /* 0: none */
        Process leader;
        int *interfaces;
        size_t n_interfaces;
        bool is_required;

        RegisterCall call;
        bool is_settled, is_registered;
        int result;
        bool is_forgotten;
        int forget_result;

        sd_bus_slot *slot;
};

/* Whether LEADER runs no more, reaped or not. */
static bool has_ended(const Process *leader) {
        struct pollfd pollfd = { .fd = leader->pidfd, .events = POLLIN };

        return poll(&pollfd, 1, /* timeout= */ 0) > 0;
}

static void settle(Machine *machine, int result, const char *reason) {
        machine->is_settled = true;
        machine->result = result;
        if (result >= 0)
                return;

        if (has_ended(&machine->leader)) /* Whoever holds it knows more about that. */
                log_debug("Failed to register machine '%s', its leader has ended: %s",
                                machine->name, reason);
        else if (machine->is_required)
                log_error("Failed to register machine '%s': %s", machine->name, reason);
        else if (result == -EOPNOTSUPP)
                log_debug("Not registering machine '%s': %s", machine->name, reason);
        else
                log_warning("Failed to register machine '%s': %s, ignoring", machine->name, reason);
}

/* s ay s s u s, and ai where the call has it. */
static int append_fields(Machine *machine, sd_bus_message *message) {
        const Library *library = &machine->bus->library;
        int r;

        r = library->sd_bus_message_append_array(
                        message, SD_BUS_TYPE_BYTE, machine->uuid, machine->uuid_size);
        if (r >= 0)
                r = library->sd_bus_message_append(message, "ssus", machine->service, MACHINE_CLASS,
                                (uint32_t)machine->leader.pid, machine->root_directory ?: "");
        if (r >= 0 && machine->call == REGISTER_WITH_NETWORK)
                r = library->sd_bus_message_append_array(message, SD_BUS_TYPE_INT32,
                                machine->interfaces, machine->n_interfaces * sizeof(int));
        return r;
}

/* One (sv) whose value is an array of N_BYTES bytes of the element type TYPE[1]. */
static int append_array_property(Machine *machine,
                sd_bus_message *message,
                const char *name,
                const char *type,
                const void *bytes,
                size_t n_bytes) {
        const Library *library = &machine->bus->library;
        int r;

        r = library->sd_bus_message_open_container(message, SD_BUS_TYPE_STRUCT, "sv");
        if (r >= 0)
                r = library->sd_bus_message_append(message, "s", name);
        if (r >= 0)
                r = library->sd_bus_message_open_container(message, SD_BUS_TYPE_VARIANT, type);
        if (r >= 0)
                r = library->sd_bus_message_append_array(message, type[1], bytes, n_bytes);
        if (r >= 0)
                r = library->sd_bus_message_close_container(message);
        if (r >= 0)
                r = library->sd_bus_message_close_container(message);
        return r;
}

/* The a(sv) of RegisterMachineEx. */
static int append_properties(Machine *machine, sd_bus_message *message) {
        const Library *library = &machine->bus->library;
        int r;

        r = library->sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(sv)");
        if (r >= 0 && machine->uuid_size > 0)
                r = append_array_property(
                                machine, message, "Id", "ay", machine->uuid, machine->uuid_size);
        if (r >= 0)
                r = library->sd_bus_message_append(message, "(sv)(sv)", "Service", "s",
                                machine->service, "Class", "s", MACHINE_CLASS);
        if (r >= 0)
                r = machine->leader.pidfd >= 0
                                    ? library->sd_bus_message_append(message, "(sv)", "LeaderPIDFD",
                                                      "h", machine->leader.pidfd)
                                    : library->sd_bus_message_append(message, "(sv)", "LeaderPID",
                                                      "u", (uint32_t)machine->leader.pid);
        if (r >= 0 && machine->root_directory)
                r = library->sd_bus_message_append(
                                message, "(sv)", "RootDirectory", "s", machine->root_directory);
        if (r >= 0 && machine->n_interfaces > 0)
                r = append_array_property(machine, message, "NetworkInterfaces", "ai",
                                machine->interfaces, machine->n_interfaces * sizeof(int));
        if (r >= 0)
                r = library->sd_bus_message_close_container(message);
        return r;
}

static int build_call(Machine *machine, sd_bus_message **ret_message) {
        const Library *library = &machine->bus->library;
        sd_bus_message *message;
        int r;

        r = library->sd_bus_message_new_method_call(machine->bus->connection, &message,
                        MACHINED_NAME, MACHINED_PATH, MACHINED_MANAGER, call_names[machine->call]);
        if (r < 0)
                return r;

        r = library->sd_bus_message_append(message, "s", machine->name);
        if (r >= 0)
                r = machine->call == REGISTER_EX ? append_properties(machine, message)
                                                 : append_fields(machine, message);
        if (r < 0) {
                (void)library->sd_bus_message_unref(message); /* Returns NULL. */
                return r;
        }

        *ret_message = message;
        return 0;
}

/* The call is not there, or the bus does not let us make it since its policy does not know it. */
static bool is_unknown_call(Machine *machine, sd_bus_message *reply) {
        return bus_reply_is(machine->bus, reply, "org.freedesktop.DBus.Error.UnknownMethod") ||
               bus_reply_is(machine->bus, reply, "org.freedesktop.DBus.Error.AccessDenied");
}

static int send_call(Machine *machine, sd_bus_message_handler_t handler) {
        const Library *library = &machine->bus->library;
        sd_bus_message *message;
        int r;

        r = build_call(machine, &message);
        if (r < 0)
                return r;

        bus_slot_drop(machine->bus, &machine->slot);
        r = library->sd_bus_call_async(machine->bus->connection, &machine->slot, message, handler,
                        machine, /* usec= */ 0);
        (void)library->sd_bus_message_unref(message); /* Returns NULL. */
        return r;
}

static int on_registered(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Machine *machine = userdata;
        int r = bus_reply_errno(machine->bus, reply);

        (void)error; /* For handlers that answer a call. */
        machine->is_registered = r >= 0;
        if (machine->is_settled)
                return 0; /* Given up and reported before. */

        if (r < 0 && machine->call + 1 < REGISTER_CALL_MAX && is_unknown_call(machine, reply)) {
                machine->call++;
                r = send_call(machine, on_registered);
                if (r < 0)
                        settle(machine, r, log_reason(r));
                return 0;
        }

        if (r < 0 && bus_reply_is_absent(machine->bus, reply))
                r = -EOPNOTSUPP;
        else if (bus_reply_is(machine->bus, reply, "org.freedesktop.machine1.MachineExists"))
                r = -EEXIST;
        settle(machine, r, bus_reply_text(machine->bus, &machine->arena, reply));
        return 0;
}

/* The connection is complete: from now on messages can take a pidfd. */
static int on_connected(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Machine *machine = userdata;
        int r = bus_reply_errno(machine->bus, reply);

        (void)error; /* For handlers that answer a call. */
        if (machine->is_settled)
                return 0; /* Given up and reported before. */

        if (r < 0) {
                settle(machine, r, bus_reply_text(machine->bus, &machine->arena, reply));
                return 0;
        }
        r = send_call(machine, on_registered);
        if (r < 0)
                settle(machine, r, log_reason(r));
        return 0;
}

/* While the connection is being set up, the library would wait, for 90 seconds, before it puts a
 * pidfd into a message. So a call without one goes ahead. */
static int send_first_call(Machine *machine) {
        const Library *library = &machine->bus->library;

        if (library->sd_bus_is_ready(machine->bus->connection) > 0)
                return send_call(machine, on_registered);

        return library->sd_bus_call_method_async(machine->bus->connection, &machine->slot,
                        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                        "GetId", on_connected, machine, /* types= */ NULL);
}

static int on_unregistered(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Machine *machine = userdata;

        (void)error; /* For handlers that answer a call. */
        machine->is_forgotten = true;
        /* machined sees the end of the leader by itself, often before we come to it. */
        if (!bus_reply_is(machine->bus, reply, "org.freedesktop.machine1.NoSuchMachine"))
                machine->forget_result = bus_reply_errno(machine->bus, reply);
        return 0;
}

static int copy_request(Machine *machine, const MachineRequest *request) {
        Arena *arena = &machine->arena;
        size_t size = request->n_interfaces * sizeof *request->interfaces;

        machine->name = arena_copy(arena, request->name);
        machine->service = arena_copy(arena, request->service);
        machine->root_directory = arena_copy(arena, request->root_directory);
        machine->leader = request->leader;
        machine->is_required = request->is_required;
        if (request->uuid) {
                memcpy(machine->uuid, request->uuid, sizeof machine->uuid);
                machine->uuid_size = sizeof machine->uuid;
        }
        if (size > 0) {
                machine->interfaces = arena_allocate(arena, size);
                memcpy(machine->interfaces, request->interfaces, size);
                machine->n_interfaces = request->n_interfaces;
        }

        return bus_is_lost(machine->bus) ? -ECONNRESET : 0;
}

int machine_register_begin(Bus *bus, const MachineRequest *request, Machine **ret_machine) {
        Machine *machine;
        int r;

        machine = calloc(1, sizeof *machine);
        if (!machine)
                return log_error_errno(-ENOMEM, "Failed to register machine '%s'", request->name);

        machine->bus = bus;
        r = copy_request(machine, request);
        if (r >= 0)
                r = send_first_call(machine);
        if (r < 0) {
                settle(machine, r, log_reason(r));
                machine_free(machine);
                return r;
        }

        *ret_machine = machine;
        return 0;
}

bool machine_register_is_settled(const Machine *machine) {
        return machine->is_settled;
}

int machine_register_finish(Machine *machine, uint64_t deadline_us) {
        int r;

        r = bus_wait(machine->bus, &machine->is_settled, deadline_us);
        if (r < 0)
                settle(machine, r,
                                r == -ETIMEDOUT ? "systemd-machined does not answer in time"
                                                : "the connection to the bus was lost");

        return machine->result;
}

int machine_unregister(Machine *machine, uint64_t deadline_us) {
        Bus *bus = machine->bus;
        int r;

        /* A late answer may have come in since. */
        (void)bus_process(bus); /* A lost connection shows below. */

        /* Without an answer the entry of this name may be somebody else's; if it is ours, it ends
         * with the unit. */
        if (!machine->is_registered)
                return 0;

        machine->is_registered = false;
        bus_slot_drop(bus, &machine->slot);
        r = bus->library.sd_bus_call_method_async(bus->connection, &machine->slot, MACHINED_NAME,
                        MACHINED_PATH, MACHINED_MANAGER, "UnregisterMachine", on_unregistered,
                        machine, "s", machine->name);
        if (r >= 0)
                r = bus_wait(bus, &machine->is_forgotten, deadline_us);
        if (r >= 0)
                r = machine->forget_result;
        if (r == -ENOTCONN || bus_is_lost(bus))
                return -ECONNRESET; /* The entry ends with the unit. */
        if (r < 0)
                return log_warning_errno(
                                r, "Failed to unregister machine '%s', ignoring", machine->name);

        return 0;
}

void machine_free(Machine *machine) {
        if (!machine)
                return;

        bus_slot_drop(machine->bus, &machine->slot);
        arena_done(&machine->arena);
        free(machine);
}
