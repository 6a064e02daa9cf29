/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The forms that values of unit properties have, one function each. Inside of bus/property only.
 */

#include <stdint.h>

#include "bus/property.h"

typedef struct PropertyForm PropertyForm;

/* One value on its way from text to Property. */
typedef struct {
        Arena *arena;
        const PropertyForm *form;
        const char *text;   /* behind the "=" */
        Property *property; /* name is set; the function sets type and value */
        const char *reason; /* why it was refused */
} PropertyValue;

/* Fills in the value; 0, or -EINVAL with a reason. */
typedef int (*PropertyParse)(PropertyValue *value);

/* A row of the table. */
struct PropertyForm {
        const char *name;     /* as the user writes it */
        const char *bus_name; /* NULL: the same */
        PropertyParse parse;
        uint64_t minimum, maximum; /* property_value_weight() only */
};

/* yes, no, on, off, … */
int property_value_bool(PropertyValue *value);
/* Any text. */
int property_value_text(PropertyValue *value);
/* Words separated by white space; none empties the list. */
int property_value_texts(PropertyValue *value);
/* "SIGTERM", "TERM", "15". */
int property_value_signal(PropertyValue *value);
/* A count. */
int property_value_count(PropertyValue *value);
/* A number between the row's bounds; empty: the default; "idle" where the row allows 0. */
int property_value_weight(PropertyValue *value);
/* Bytes with K, M, G, T, P, E (of 1024), "infinity", or "50%" of what the host has. */
int property_value_size(PropertyValue *value);
/* A count, "infinity" or a percentage. */
int property_value_tasks(PropertyValue *value);
/* "150%" of one CPU; empty: no limit. */
int property_value_quota(PropertyValue *value);
/* A percentage. */
int property_value_percent(PropertyValue *value);
/* Seconds, or with a unit, or "infinity". */
int property_value_time(PropertyValue *value);
/* "DEVICE NUMBER", "DEVICE RATE" (suffixes of 1000), "DEVICE TIME"; empty: an empty list. */
int property_value_device_weight(PropertyValue *value);
int property_value_device_rate(PropertyValue *value);
int property_value_device_time(PropertyValue *value);
/* "/dev/null rw", "char-pts"; empty: an empty list. */
int property_value_device_allow(PropertyValue *value);
/* "0-3,5": a mask, one bit each. */
int property_value_numbers(PropertyValue *value);
/* "any", "localhost", "link-local", "multicast", "10.0.0.0/8", "::1"; several of them. */
int property_value_addresses(PropertyValue *value);
/* yes, no, or a list of controllers, which has another name on the bus. */
int property_value_delegate(PropertyValue *value);
