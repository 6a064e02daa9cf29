/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/scope.h"

/*
 * A start is a chain in which every answer sends the next message:
 *
 *   begin ─ AddMatch JobRemoved ─ StartTransientUnit ─ its reply: our job ─ JobRemoved: the result
 *
 * The match comes first, so that the signal cannot be missed; by its answer the connection is
 * complete, so our own name is known. A property that an older manager does not know is left out
 * and the call is made again, if it is one of ours.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "bus/call.h"
#include "bus/property.h"
#include "bus/scope-message.h"

/* How long the manager may take to notice that a scope is empty. Usual are 10 ms. */
enum { NOTICE_TIMEOUT_US = 1000 * 1000 };

struct Scope {
        Bus *bus;
        Arena arena; /* owns all text */
        ScopeMessage message;
        const char *job_path;
        char *unit_path; /* malloc() of libsystemd */

        bool is_sent;     /* StartTransientUnit is on its way */
        bool is_answered; /* and was answered for good */
        bool is_ours;     /* by a job: the unit is ours, with a reference */
        bool is_settled;  /* the start has come to an end, or was given up */
        int result;       /* and this was it */

        bool is_stop_requested;
        bool is_released; /* we have let go of the unit */
        bool is_removed;  /* the manager has removed it */
        bool is_gone;     /* both */

        sd_bus_slot *job_slot, *call_slot, *request_stop_slot, *removed_slot, *release_slot;
};

/* Whether PAYLOAD runs no more, reaped or not. */
static bool has_ended(const Process *payload) {
        struct pollfd pollfd = { .fd = payload->pidfd, .events = POLLIN };

        return poll(&pollfd, 1, /* timeout= */ 0) > 0;
}

static void settle(Scope *scope, int result) {
        if (scope->is_settled)
                return;

        scope->is_settled = true;
        scope->result = result;
        bus_slot_drop(scope->bus, &scope->job_slot);
}

/* Settles with an error that TEXT explains; once, and silently if the payload has ended: whoever
 * holds it knows more about that. */
static void fail(Scope *scope, int r, const char *text) {
        if (scope->is_settled)
                return; /* Given up and reported before. */

        if (has_ended(&scope->message.payload)) {
                log_debug("Failed to start '%s', its payload has ended: %s", scope->message.unit,
                                text);
                settle(scope, -ESRCH);
                return;
        }

        log_error("Failed to start '%s': %s", scope->message.unit, text);
        settle(scope, r);
}

static void fail_with_reply(Scope *scope, sd_bus_message *reply) {
        static const struct {
                const char *name;
                int r;
        } names[] = {
                { "org.freedesktop.systemd1.UnitExists", -EEXIST },
                { "org.freedesktop.DBus.Error.PropertyReadOnly", -EINVAL },
        };
        Bus *bus = scope->bus;
        const char *text = bus_reply_text(bus, &scope->arena, reply);
        int r = bus_reply_errno(bus, reply);

        if (bus_reply_is_absent(bus, reply)) {
                log_debug("No service manager on the bus: %s", text);
                settle(scope, -EOPNOTSUPP);
                return;
        }

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (bus_reply_is(bus, reply, names[i].name))
                        r = names[i].r;
        fail(scope, r, text);
}

static int on_job_removed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        static const struct {
                const char *result;
                int r;
                const char *text;
        } results[] = {
                { "canceled", -ECANCELED, "its job was canceled" },
                { "timeout", -ETIMEDOUT, "its job timed out" },
                { "dependency", -EIO, "a unit it depends on failed" },
                { "skipped", -EIO, "its job was skipped" },
                { "invalid", -EINVAL, "its job is not possible for this unit" },
                { "assert", -EPROTO, "one of its assertions failed" },
                { "unsupported", -ENOSYS, "the host does not support it" },
                { "collected", -ECANCELED, "its unit was removed meanwhile" },
                { "failed", -EIO, "its job failed, the journal of the host says why" },
        };
        Scope *scope = userdata;
        const char *path, *unit, *result;
        uint32_t id;

        (void)error; /* For handlers that answer a call. */
        if (scope->bus->library.sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) <
                                        0 ||
                        !text_equal(path, scope->job_path))
                return 0;

        /* A process that is dead but not reaped is moved nowhere, and nobody complains. */
        if (text_equal(result, "done") && !has_ended(&scope->message.payload)) {
                settle(scope, 0);
                return 0;
        }

        for (size_t i = 0; i < ELEMENTSOF(results); i++)
                if (text_equal(result, results[i].result)) {
                        fail(scope, results[i].r, results[i].text);
                        return 0;
                }

        fail(scope, -EIO,
                        arena_printf(&scope->arena, "its job ended as '%s'",
                                        text_printable(&scope->arena, result)));
        return 0;
}

/* The error names a property that is not known here and that we can do without: forgets it. */
static bool drop_unknown_property(Scope *scope, sd_bus_message *reply) {
        ScopeMessage *message = &scope->message;
        const char *text = bus_reply_text(scope->bus, &scope->arena, reply);
        bool *with;

        if (!bus_reply_is(scope->bus, reply, "org.freedesktop.DBus.Error.PropertyReadOnly"))
                return false;
        if (strstr(text, " PIDFDs,"))
                with = &message->with_pidfd; /* systemd 252 */
        else if (strstr(text, " CoredumpReceive,"))
                with = &message->with_coredump_receive; /* systemd 252 */
        else
                return false;
        if (!*with)
                return false; /* Asked for by the user. */

        *with = false;
        return true;
}

/* The answer to AddMatch first, then to each StartTransientUnit. */
static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Scope *scope = userdata;
        Bus *bus = scope->bus;
        bool is_error = bus_reply_errno(bus, reply) < 0;
        sd_bus_message *message;
        const char *path;
        int r;

        (void)error; /* For handlers that answer a call. */
        if (scope->is_sent && !is_error) {
                scope->is_answered = scope->is_ours = true;
                if (bus->library.sd_bus_message_read(reply, "o", &path) >= 0)
                        scope->job_path = arena_copy(&scope->arena, path);
                return 0;
        }

        if (scope->is_settled ||
                        (is_error && !(scope->is_sent && drop_unknown_property(scope, reply)))) {
                scope->is_answered = true;
                fail_with_reply(scope, reply);
                return 0;
        }

        r = scope_message_new(bus, &scope->message, &message);
        if (r >= 0) {
                bus_slot_drop(bus, &scope->call_slot);
                r = bus->library.sd_bus_call_async(bus->connection, &scope->call_slot, message,
                                on_answer, scope, /* usec= */ 0);
                (void)bus->library.sd_bus_message_unref(message); /* Returns NULL. */
        }
        if (r < 0) {
                scope->is_answered = true;
                fail(scope, r, log_reason(r));
                return 0;
        }

        scope->is_sent = true;
        return 0;
}

static int on_request_stop(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Scope *scope = userdata;

        (void)message; /* It has no content; the match is for our own unit. */
        (void)error;
        scope->is_stop_requested = true;
        return 0;
}

static int on_removed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Scope *scope = userdata;
        const char *unit, *path;

        (void)error; /* For handlers that answer a call. */
        if (scope->bus->library.sd_bus_message_read(message, "so", &unit, &path) >= 0 &&
                        text_equal(unit, scope->message.unit)) {
                scope->is_removed = true;
                scope->is_gone = scope->is_released;
        }
        return 0;
}

static int on_released(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Scope *scope = userdata;

        (void)error; /* For handlers that answer a call. */
        scope->is_released = true;
        /* There is no such unit any more, or it is not the one that we had a reference to. */
        if (bus_reply_errno(scope->bus, reply) < 0) {
                log_debug("Failed to release '%s': %s", scope->message.unit,
                                bus_reply_text(scope->bus, &scope->arena, reply));
                scope->is_removed = true;
        }
        scope->is_gone = scope->is_removed;
        return 0;
}

static int copy_request(Scope *scope, const ScopeRequest *request) {
        ScopeMessage *message = &scope->message;
        Arena *arena = &scope->arena;

        *message = (ScopeMessage){
                .unit = arena_copy(arena, request->unit),
                .description = arena_copy(arena, request->description),
                .slice = arena_copy(arena, request->slice),
                .payload = request->payload,
                .kill_signal = request->kill_signal,
                .with_pidfd = request->payload.pidfd >= 0,
                .with_coredump_receive = request->is_boot,
        };

        for (size_t i = 0; request->devices && request->devices[i]; i++) {
                StringList words = text_split_words(arena, request->devices[i], " ");

                string_list_add(arena, &message->devices, words.items[0]);
                string_list_add(arena, &message->devices,
                                words.n_items > 1 ? words.items[1] : "rwm");
        }

        for (size_t i = 0; request->properties && i < request->properties->n_items; i++) {
                const char *text = request->properties->items[i], *reason;

                message->properties = arena_grow(arena, message->properties, message->n_properties,
                                &message->n_properties_allocated, sizeof *message->properties);
                if (property_parse(arena, text, &message->properties[message->n_properties],
                                    &reason) < 0) {
                        log_error("Failed to start '%s': %s", message->unit, reason);
                        return -EINVAL;
                }
                message->n_properties++;
        }

        return 0;
}

/* Listens for what the manager will say; the first call is sent when the last match stands. */
static int add_matches(Scope *scope) {
        Bus *bus = scope->bus;
        int r;

        r = bus->library.sd_bus_path_encode(
                        SYSTEMD_UNIT_PATH, scope->message.unit, &scope->unit_path);
        if (r < 0)
                return r;

        r = bus->library.sd_bus_match_signal_async(bus->connection, &scope->request_stop_slot,
                        SYSTEMD_NAME, scope->unit_path, "org.freedesktop.systemd1.Scope",
                        "RequestStop", on_request_stop, /* add_callback= */ NULL, scope);
        if (r < 0)
                return r;

        return bus->library.sd_bus_match_signal_async(bus->connection, &scope->job_slot,
                        SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER, "JobRemoved", on_job_removed,
                        on_answer, scope);
}

#define MANAGER_CALL(scope, slot, callback, member, ...)                                           \
        ((scope)->bus->library.sd_bus_call_method_async((scope)->bus->connection, (slot),          \
                        SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER, (member), (callback),         \
                        (scope), __VA_ARGS__))

/* Everything that ends the unit in one go; the answers are waited for together. */
static int begin_release(Scope *scope) {
        const char *unit = scope->message.unit;
        Bus *bus = scope->bus;
        int r;

        r = bus->library.sd_bus_match_signal_async(bus->connection, &scope->removed_slot,
                        SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER, "UnitRemoved", on_removed,
                        /* add_callback= */ NULL, scope);
        if (r >= 0)
                r = MANAGER_CALL(scope, NULL, NULL, "Subscribe", /* types= */ NULL);
        /* Abandoned, the scope ends with its last process. That may have happened already, so the
         * answers do not matter. */
        if (r >= 0)
                r = MANAGER_CALL(scope, NULL, NULL, "AbandonScope", "s", unit);
        if (r >= 0)
                r = MANAGER_CALL(scope, NULL, NULL, "KillUnit", "ssi", unit, "all", SIGKILL);
        /* A scope that never had a living process does not notice that it is empty. Else no stop:
         * it would be passed on to the units that are part of this one. */
        if (r >= 0 && scope->result < 0)
                r = MANAGER_CALL(scope, NULL, NULL, "StopUnit", "ss", unit, "replace");
        if (r >= 0)
                r = MANAGER_CALL(scope, &scope->release_slot, on_released, "UnrefUnit", "s", unit);
        return r;
}

/* The manager may miss that a scope has become empty, if that was soon after its start: seen with
 * systemd 262. Then the scope would stay, and with it its name. */
static int await_removal(Scope *scope, uint64_t deadline_us) {
        uint64_t noticed_us = clock_monotonic_us() + NOTICE_TIMEOUT_US;
        int r;

        r = bus_wait(scope->bus, &scope->is_gone, MIN_OF(noticed_us, deadline_us));
        if (r != -ETIMEDOUT || deadline_us <= noticed_us)
                return r;

        r = MANAGER_CALL(scope, NULL, NULL, "StopUnit", "ss", scope->message.unit, "replace");
        return r < 0 ? r : bus_wait(scope->bus, &scope->is_gone, deadline_us);
}

int scope_start_begin(Bus *bus, const ScopeRequest *request, Scope **ret_scope) {
        Scope *scope;
        int r;

        scope = calloc(1, sizeof *scope);
        if (!scope)
                return log_error_errno(-ENOMEM, "Failed to start '%s'", request->unit);

        scope->bus = bus;
        r = copy_request(scope, request);
        if (r >= 0) {
                r = bus_is_lost(bus) ? -ECONNRESET : add_matches(scope);
                if (r < 0)
                        (void)log_error_errno(r, "Failed to start '%s'", request->unit);
        }
        if (r < 0) {
                scope_free(scope);
                return r;
        }

        *ret_scope = scope;
        return 0;
}

bool scope_start_is_settled(const Scope *scope) {
        return scope->is_settled;
}

int scope_start_finish(Scope *scope, uint64_t deadline_us) {
        int r;

        r = bus_wait(scope->bus, &scope->is_settled, deadline_us);
        if (r < 0) {
                fail(scope, r,
                                r == -ETIMEDOUT ? "the service manager does not answer in time"
                                                : "the connection to the bus was lost");
        }

        return scope->result;
}

bool scope_stop_is_requested(const Scope *scope) {
        return scope->is_stop_requested;
}

int scope_stop(Scope *scope, uint64_t deadline_us) {
        int r = 0;

        settle(scope, -ECANCELED);
        if (!scope->is_sent || scope->is_gone)
                return 0;

        /* A start that was given up may still come true; then the unit is ours to remove. Without
         * an answer nothing may be killed: a unit of this name could be somebody else's. */
        r = bus_wait(scope->bus, &scope->is_answered, deadline_us);
        if (r >= 0 && !scope->is_ours)
                return 0;

        if (r >= 0 && !scope->release_slot)
                r = begin_release(scope);
        if (r >= 0)
                r = await_removal(scope, deadline_us);
        if (r == -ENOTCONN || bus_is_lost(scope->bus))
                return -ECONNRESET; /* The manager removes the unit once it is empty. */
        if (r < 0)
                return log_warning_errno(r, "Failed to wait until '%s' is removed, ignoring",
                                scope->message.unit);

        /* The manager's signals cost it work; nobody here listens any more. */
        (void)MANAGER_CALL(scope, NULL, NULL, "Unsubscribe", /* types= */ NULL);
        bus_slot_drop(scope->bus, &scope->removed_slot);
        bus_slot_drop(scope->bus, &scope->request_stop_slot);
        return 0;
}

void scope_free(Scope *scope) {
        if (!scope)
                return;

        bus_slot_drop(scope->bus, &scope->job_slot);
        bus_slot_drop(scope->bus, &scope->call_slot);
        bus_slot_drop(scope->bus, &scope->request_stop_slot);
        bus_slot_drop(scope->bus, &scope->removed_slot);
        bus_slot_drop(scope->bus, &scope->release_slot);
        free(scope->unit_path);
        arena_done(&scope->arena);
        free(scope);
}
