/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the payload gets of the host: secrets, and later names, time zone, journal, users.
 */

#include <stddef.h>

/* No credential may be larger; systemd inside would not take it. */
enum { CREDENTIAL_SIZE_MAX = 1024 * 1024 };

/* A secret for the payload. The bytes are never shown: not in a message, plan or record. */
typedef struct {
        const char *id;     /* a file name of printable ASCII without colons */
        const char *source; /* a path, or a name in our own credentials folder; NULL: the bytes */
        const char *data;
        size_t size;
} CredentialSetting;

typedef struct {
        CredentialSetting *items; /* no two with the same id */
        size_t n_items, n_allocated;
} CredentialList;

typedef struct {
        CredentialList credentials;
} IntegrationConfig;
