/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Unit properties as users write them, "MemoryMax=1G", turned into what the bus wants: a name and
 * a typed value.
 *
 * libsystemd has no public parser for them, so a table names every property that makes sense for
 * a scope. The names and value forms are those of `systemctl set-property`; see
 * systemd.resource-control(5), systemd.scope(5), systemd.kill(5) and systemd.unit(5). Pure: no
 * bus, no file, no log; a request can be checked before anything on the host is touched.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum {
        PROPERTY_BOOL,      /* b: number */
        PROPERTY_INT32,     /* i: number */
        PROPERTY_UINT32,    /* u: number */
        PROPERTY_UINT64,    /* t: number */
        PROPERTY_TEXT,      /* s: text */
        PROPERTY_TEXTS,     /* as: texts */
        PROPERTY_BYTES,     /* ay: bytes */
        PROPERTY_NUMBERED,  /* a(st): texts and number; no text: an empty array */
        PROPERTY_PAIRS,     /* a(ss): texts, two by two */
        PROPERTY_ADDRESSES, /* a(iayu): addresses */
        PROPERTY_TYPE_MAX,
} PropertyType;

typedef struct {
        int family; /* AF_INET or AF_INET6 */
        uint8_t bytes[16];
        uint32_t prefix_length;
} PropertyAddress;

typedef struct {
        const char *name; /* on the bus: "CPUQuotaPerSecUSec" for "CPUQuota" */
        PropertyType type;
        uint64_t number;
        const char *text;
        StringList texts;
        uint8_t *bytes;
        size_t n_bytes;
        PropertyAddress *addresses;
        size_t n_addresses, n_addresses_allocated;
} Property;

/* Converts ASSIGNMENT, of the form NAME=VALUE; what RET_PROPERTY points to lives in ARENA.
 *
 * Returns 0, or -EINVAL with RET_REASON set: "unknown unit property 'Foo'", "'x' is not a size". */
int property_parse(Arena *arena,
                const char *assignment,
                Property *ret_property,
                const char **ret_reason);

/* Only checks, by the same rules. */
int property_check(Arena *arena, const char *assignment, const char **ret_reason);

/* The names in the table, in its order, NULL behind the last: for the manual and for tests. */
const char *property_name(size_t index);
