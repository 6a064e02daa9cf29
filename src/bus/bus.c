/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "bus/call.h"
#include "sys/process.h"

/* Longer than any deadline of a caller, so that the caller's deadline decides. */
#define CALL_TIMEOUT_US (300 * USEC_PER_SEC)

/* Messages handled in one go, so that a flood cannot keep the caller from its other work. */
enum { MESSAGES_AT_ONCE = 64 };

static const char *const kind_names[] = {
        [BUS_SYSTEM] = "system",
        [BUS_USER] = "user",
};
static_assert(ELEMENTSOF(kind_names) == BUS_KIND_MAX, "one name per kind");

int bus_open(BusKind kind, Bus **ret_bus) {
        Bus *bus;
        int r;

        bus = calloc(1, sizeof *bus);
        if (!bus)
                return -ENOMEM;

        r = library_open(&bus->library);
        if (r >= 0)
                r = kind == BUS_SYSTEM ? bus->library.sd_bus_open_system(&bus->connection)
                                       : bus->library.sd_bus_open_user(&bus->connection);
        if (r >= 0)
                r = bus->library.sd_bus_set_method_call_timeout(bus->connection, CALL_TIMEOUT_US);
        if (r < 0) {
                bus_free(bus);
                (void)log_debug_errno(r, "Failed to connect to the %s bus", kind_names[kind]);
                /* No socket, nobody behind it, or no address in the environment. */
                return r == -ECONNREFUSED || r == -ENOMEDIUM ? -ENOENT : r;
        }

        *ret_bus = bus;
        return 0;
}

void bus_free(Bus *bus) {
        if (!bus)
                return;

        if (bus->connection)
                (void)bus->library.sd_bus_close_unref(bus->connection);
        free(bus);
}

void bus_get_poll(Bus *bus, struct pollfd *ret_pollfd, uint64_t *ret_deadline_us) {
        struct pollfd pollfd = { .fd = -EBADF };
        uint64_t deadline_us = UINT64_MAX;
        int events;

        if (!bus->is_lost) {
                pollfd.fd = bus->library.sd_bus_get_fd(bus->connection);
                events = bus->library.sd_bus_get_events(bus->connection);
                /* A connection that was just lost: bus_process() has to find out. */
                if (pollfd.fd < 0 || events < 0 ||
                                bus->library.sd_bus_get_timeout(bus->connection, &deadline_us) < 0)
                        deadline_us = 0;
                pollfd.events = (short)MAX_OF(events, 0);
        }

        *ret_pollfd = pollfd;
        *ret_deadline_us = deadline_us;
}

int bus_process(Bus *bus) {
        int r = 1;

        if (bus->is_lost)
                return 0;

        for (int i = 0; i < MESSAGES_AT_ONCE && r > 0; i++)
                r = bus->library.sd_bus_process(bus->connection, /* ret= */ NULL);
        if (r < 0) {
                (void)log_debug_errno(r, "Lost the connection to the bus");
                bus->is_lost = true;
                return -ECONNRESET;
        }

        return 0;
}

bool bus_is_lost(const Bus *bus) {
        return bus->is_lost;
}

/* Waits for the next thing to process. */
static int wait_for_work(Bus *bus, uint64_t deadline_us) {
        struct pollfd pollfd;
        uint64_t process_at_us;

        if (bus->is_lost)
                return -ECONNRESET;
        if (clock_monotonic_us() >= deadline_us)
                return -ETIMEDOUT;

        bus_get_poll(bus, &pollfd, &process_at_us);
        if (poll(&pollfd, 1, clock_poll_timeout(MIN_OF(deadline_us, process_at_us))) < 0 &&
                        errno != EINTR)
                return -errno;

        return 0;
}

int bus_wait(Bus *bus, const bool *is_done, uint64_t deadline_us) {
        int r = 0;

        while (r >= 0) {
                (void)bus_process(bus); /* A lost connection is found by the wait. */
                if (*is_done)
                        return 0;
                r = wait_for_work(bus, deadline_us);
        }

        return r;
}

int bus_wait_accepted(Bus *bus, uint64_t deadline_us) {
        int r = 0;

        while (r >= 0) {
                (void)bus_process(bus); /* A lost connection is found by the wait. */
                if (!bus->is_lost && bus->library.sd_bus_is_ready(bus->connection) > 0)
                        return 0;
                r = wait_for_work(bus, deadline_us);
        }

        return r;
}

void bus_slot_drop(Bus *bus, sd_bus_slot **slot) {
        *slot = bus->library.sd_bus_slot_unref(*slot);
}

int bus_reply_errno(Bus *bus, sd_bus_message *reply) {
        const sd_bus_error *error = bus->library.sd_bus_message_get_error(reply);
        int r;

        if (!error)
                return 0;
        /* Calls under way when the connection ends are answered by the library: "no reply". */
        if (bus->library.sd_bus_is_open(bus->connection) <= 0)
                return -ECONNRESET;

        r = bus->library.sd_bus_error_get_errno(error);
        return r > 0 ? -r : -EIO;
}

bool bus_reply_is(Bus *bus, sd_bus_message *reply, const char *name) {
        const sd_bus_error *error = bus->library.sd_bus_message_get_error(reply);

        return error && text_equal(error->name, name);
}

const char *bus_reply_text(Bus *bus, Arena *arena, sd_bus_message *reply) {
        const sd_bus_error *error = bus->library.sd_bus_message_get_error(reply);
        const char *text;
        size_t length;

        if (!error)
                return "";

        text = text_is_empty(error->message) ? error->name : error->message;
        /* One line, and no stop at its end: it goes into a message of ours. */
        length = strcspn(text, "\n");
        while (length > 0 && text[length - 1] == '.')
                length--;
        return text_printable(arena, arena_copy_n(arena, text, length));
}

bool bus_reply_is_absent(Bus *bus, sd_bus_message *reply) {
        static const char *const names[] = {
                "org.freedesktop.DBus.Error.ServiceUnknown",
                "org.freedesktop.DBus.Error.NameHasNoOwner",
                "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
                "org.freedesktop.DBus.Error.Spawn.ChildExited",
                "org.freedesktop.systemd1.NoSuchUnit",
                "org.freedesktop.systemd1.UnitMasked",
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (bus_reply_is(bus, reply, names[i]))
                        return true;

        return false;
}
