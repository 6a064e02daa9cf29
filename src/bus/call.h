/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the requests of this folder share: the inside of Bus, targets, and errors as text. Not for
 * other folders.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "bus/bus.h"
#include "bus/library.h"

struct Bus {
        Library library;
        sd_bus *connection;
        bool is_lost;
};

#define SYSTEMD_NAME      "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER   "org.freedesktop.systemd1.Manager"
#define SYSTEMD_UNIT_PATH "/org/freedesktop/systemd1/unit"
#define MACHINED_NAME     "org.freedesktop.machine1"
#define MACHINED_PATH     "/org/freedesktop/machine1"
#define MACHINED_MANAGER  "org.freedesktop.machine1.Manager"

/* Drops *SLOT: its handler will not be called any more. */
void bus_slot_drop(Bus *bus, sd_bus_slot **slot);

/* The error of REPLY as errno: -ETIMEDOUT, -ECONNRESET, -EACCES, …; 0 if it is no error. */
int bus_reply_errno(Bus *bus, sd_bus_message *reply);

/* Whether REPLY is the error NAME, like "org.freedesktop.DBus.Error.UnknownMethod". */
bool bus_reply_is(Bus *bus, sd_bus_message *reply, const char *name);

/* The text of REPLY's error, printable, "" if it is none. In ARENA. */
const char *bus_reply_text(Bus *bus, Arena *arena, sd_bus_message *reply);

/* Whether the error in REPLY says that the service called is not there and cannot be started. */
bool bus_reply_is_absent(Bus *bus, sd_bus_message *reply);
