/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/scope-message.h"

#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"

/* Tasks of the payload, as many as systemd gives its own containers. */
#define TASKS_MAX 16384

/* A message that is being built; after the first error nothing more is added. */
typedef struct {
        const Library *library;
        sd_bus_message *message;
        int r;
} Writer;

#define WRITE(writer, function, ...)                                                               \
        do {                                                                                       \
                if ((writer)->r >= 0)                                                              \
                        (writer)->r = (writer)->library->function((writer)->message, __VA_ARGS__); \
        } while (0)

static void open_container(Writer *writer, char type, const char *content) {
        WRITE(writer, sd_bus_message_open_container, type, content);
}

static void close_container(Writer *writer) {
        if (writer->r >= 0)
                writer->r = writer->library->sd_bus_message_close_container(writer->message);
}

/* NAME with a value of SIGNATURE behind it; ends with end_property(). */
static void begin_property(Writer *writer, const char *name, const char *signature) {
        open_container(writer, SD_BUS_TYPE_STRUCT, "sv");
        WRITE(writer, sd_bus_message_append, "s", name);
        open_container(writer, SD_BUS_TYPE_VARIANT, signature);
}

static void end_property(Writer *writer) {
        close_container(writer);
        close_container(writer);
}

static void add_bool(Writer *writer, const char *name, bool value) {
        WRITE(writer, sd_bus_message_append, "(sv)", name, "b", (int)value);
}

static void add_text(Writer *writer, const char *name, const char *value) {
        WRITE(writer, sd_bus_message_append, "(sv)", name, "s", value);
}

static void add_texts(Writer *writer, const StringList *texts) {
        open_container(writer, SD_BUS_TYPE_ARRAY, "s");
        for (size_t i = 0; i < texts->n_items; i++)
                WRITE(writer, sd_bus_message_append, "s", texts->items[i]);
        close_container(writer);
}

static void add_pairs(Writer *writer, const StringList *texts) {
        open_container(writer, SD_BUS_TYPE_ARRAY, "(ss)");
        for (size_t i = 0; i + 1 < texts->n_items; i += 2)
                WRITE(writer, sd_bus_message_append, "(ss)", texts->items[i], texts->items[i + 1]);
        close_container(writer);
}

static void add_numbered(Writer *writer, const Property *property) {
        open_container(writer, SD_BUS_TYPE_ARRAY, "(st)");
        for (size_t i = 0; i < property->texts.n_items; i++)
                WRITE(writer, sd_bus_message_append, "(st)", property->texts.items[i],
                                property->number);
        close_container(writer);
}

static void add_addresses(Writer *writer, const Property *property) {
        open_container(writer, SD_BUS_TYPE_ARRAY, "(iayu)");
        for (size_t i = 0; i < property->n_addresses; i++) {
                const PropertyAddress *address = &property->addresses[i];

                open_container(writer, SD_BUS_TYPE_STRUCT, "iayu");
                WRITE(writer, sd_bus_message_append, "i", address->family);
                WRITE(writer, sd_bus_message_append_array, SD_BUS_TYPE_BYTE, address->bytes,
                                address->family == AF_INET ? 4 : 16);
                WRITE(writer, sd_bus_message_append, "u", address->prefix_length);
                close_container(writer);
        }
        close_container(writer);
}

static void add_property(Writer *writer, const Property *property) {
        static const char *const signatures[] = {
                [PROPERTY_BOOL] = "b",
                [PROPERTY_INT32] = "i",
                [PROPERTY_UINT32] = "u",
                [PROPERTY_UINT64] = "t",
                [PROPERTY_TEXT] = "s",
                [PROPERTY_TEXTS] = "as",
                [PROPERTY_BYTES] = "ay",
                [PROPERTY_NUMBERED] = "a(st)",
                [PROPERTY_PAIRS] = "a(ss)",
                [PROPERTY_ADDRESSES] = "a(iayu)",
        };
        static_assert(ELEMENTSOF(signatures) == PROPERTY_TYPE_MAX, "one signature per type");

        begin_property(writer, property->name, signatures[property->type]);
        switch (property->type) {
        case PROPERTY_BOOL:
        case PROPERTY_INT32:
        case PROPERTY_UINT32:
                WRITE(writer, sd_bus_message_append, signatures[property->type],
                                (uint32_t)property->number);
                break;
        case PROPERTY_UINT64:
                WRITE(writer, sd_bus_message_append, "t", property->number);
                break;
        case PROPERTY_TEXT:
                WRITE(writer, sd_bus_message_append, "s", property->text);
                break;
        case PROPERTY_TEXTS:
                add_texts(writer, &property->texts);
                break;
        case PROPERTY_BYTES:
                WRITE(writer, sd_bus_message_append_array, SD_BUS_TYPE_BYTE, property->bytes,
                                property->n_bytes);
                break;
        case PROPERTY_NUMBERED:
                add_numbered(writer, property);
                break;
        case PROPERTY_PAIRS:
                add_pairs(writer, &property->texts);
                break;
        case PROPERTY_ADDRESSES:
                add_addresses(writer, property);
                break;
        case PROPERTY_TYPE_MAX:
                break;
        }
        end_property(writer);
}

static void add_devices(Writer *writer, const StringList *devices) {
        begin_property(writer, "DeviceAllow", "a(ss)");
        add_pairs(writer, devices);
        end_property(writer);
}

static void add_payload(Writer *writer, const ScopeMessage *content) {
        if (content->with_pidfd)
                WRITE(writer, sd_bus_message_append, "(sv)", "PIDFDs", "ah", 1,
                                content->payload.pidfd);
        else
                WRITE(writer, sd_bus_message_append, "(sv)", "PIDs", "au", 1,
                                (uint32_t)content->payload.pid);
}

static bool has_property(const ScopeMessage *content, const char *name) {
        for (size_t i = 0; i < content->n_properties; i++)
                if (text_equal(content->properties[i].name, name))
                        return true;

        return false;
}

static void add_properties(Writer *writer, const ScopeMessage *content, const char *own_name) {
        add_payload(writer, content);
        if (content->description)
                add_text(writer, "Description", content->description);
        if (content->slice)
                add_text(writer, "Slice", content->slice);
        /* The manager adds the user's list of controllers to what is there, and "yes" is all. */
        if (!has_property(content, "DelegateControllers"))
                add_bool(writer, "Delegate", true);
        add_text(writer, "CollectMode", "inactive-or-failed");
        /* The unit stays until we let go of it, and not longer than our connection. */
        add_bool(writer, "AddRef", true);
        /* We shut the payload down when the scope is to be stopped, see RequestStop. */
        add_text(writer, "Controller", own_name);
        WRITE(writer, sd_bus_message_append, "(sv)", "TasksMax", "t", (uint64_t)TASKS_MAX);
        add_text(writer, "DevicePolicy", "closed");
        add_devices(writer, &content->devices);
        if (content->kill_signal > 0) {
                WRITE(writer, sd_bus_message_append, "(sv)", "KillSignal", "i",
                                content->kill_signal);
                add_text(writer, "KillMode", "mixed");
        }
        if (content->with_coredump_receive)
                add_bool(writer, "CoredumpReceive", true);
        /* Last, so that the user's word counts. */
        for (size_t i = 0; i < content->n_properties; i++)
                add_property(writer, &content->properties[i]);
}

int scope_message_new(Bus *bus, const ScopeMessage *content, sd_bus_message **ret_message) {
        Writer writer = { .library = &bus->library };
        const char *own_name;
        int r;

        r = bus->library.sd_bus_get_unique_name(bus->connection, &own_name);
        if (r < 0)
                return r;

        r = bus->library.sd_bus_message_new_method_call(bus->connection, &writer.message,
                        SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER, "StartTransientUnit");
        if (r < 0)
                return r;

        /* Where systemd is not running, nothing must be started in its name. */
        WRITE(&writer, sd_bus_message_set_auto_start, false);
        WRITE(&writer, sd_bus_message_append, "ss", content->unit, "fail");
        open_container(&writer, SD_BUS_TYPE_ARRAY, "(sv)");
        add_properties(&writer, content, own_name);
        close_container(&writer);
        WRITE(&writer, sd_bus_message_append, "a(sa(sv))", 0);
        if (writer.r < 0) {
                (void)bus->library.sd_bus_message_unref(writer.message);
                return writer.r;
        }

        *ret_message = writer.message;
        return 0;
}
