/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The call that makes a scope. Inside of bus/scope only.
 */

#include <stdbool.h>

#include "bus/call.h"
#include "bus/property.h"
#include "sys/process.h"

/* What to send, and what the manager was found not to know. */
typedef struct {
        const char *unit, *description, *slice;
        Process payload;
        int kill_signal;
        StringList devices;
        Property *properties;
        size_t n_properties, n_properties_allocated;
        bool with_pidfd;
        bool with_coredump_receive;
} ScopeMessage;

/* Makes the call StartTransientUnit; the connection must be complete, since our own name goes into
 * the message. 0 and a message to be unreferenced, or -errno. */
int scope_message_new(Bus *bus, const ScopeMessage *content, sd_bus_message **ret_message);
