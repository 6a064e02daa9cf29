/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the payload gets of the host: secrets, name servers, time zone, users; and its journal.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

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

typedef enum {
        RESOLV_CONF_AUTO, /* by the network; see plan-resolv-conf */
        RESOLV_CONF_OFF,
        RESOLV_CONF_DELETE,
        /* What is done, with each of the sources below in their order. */
        RESOLV_CONF_COPY,
        RESOLV_CONF_REPLACE = RESOLV_CONF_COPY + 4,
        RESOLV_CONF_BIND = RESOLV_CONF_REPLACE + 4,
        RESOLV_CONF_MAX = RESOLV_CONF_BIND + 4,
} ResolvConfMode;

typedef enum {
        RESOLV_SOURCE_HOST,   /* what the host itself uses */
        RESOLV_SOURCE_STATIC, /* the other three are systemd-resolved's */
        RESOLV_SOURCE_UPLINK,
        RESOLV_SOURCE_STUB,
        RESOLV_SOURCE_MAX,
} ResolvSource;

typedef enum {
        TIMEZONE_AUTO, /* see plan-timezone */
        TIMEZONE_OFF,
        TIMEZONE_COPY,
        TIMEZONE_BIND,
        TIMEZONE_SYMLINK,
        TIMEZONE_DELETE,
        TIMEZONE_MAX,
} TimezoneMode;

typedef enum {
        LINK_JOURNAL_AUTO, /* the host's folder if it is there */
        LINK_JOURNAL_NO,
        LINK_JOURNAL_HOST, /* files are kept on the host */
        LINK_JOURNAL_TRY_HOST,
        LINK_JOURNAL_GUEST, /* files are kept in the tree */
        LINK_JOURNAL_TRY_GUEST,
        LINK_JOURNAL_MAX,
} LinkJournal;

/* The login shell of a bound user. */
typedef struct {
        bool is_hosts;    /* what the host's database says */
        const char *path; /* this one; NULL: none */
} BindUserShell;

/* Where the payload's journal is written down on the host as well, and how much of it. */
typedef struct {
        const char *path; /* as written: a file "*.journal" or a folder; NULL: nowhere */
        const char *max_use, *keep_free, *max_file_size; /* bytes as decimal digits, or NULL */
        const char *max_files;
} ForwardJournal;

typedef struct {
        CredentialList credentials;
        ResolvConfMode resolv_conf;
        TimezoneMode timezone;
        LinkJournal link_journal;
        ForwardJournal forward_journal;
        StringList bind_users; /* names on the host, each once */
        BindUserShell bind_user_shell;
        StringList bind_user_groups; /* names inside, for all of them */
} IntegrationConfig;

extern const char *const resolv_conf_names[RESOLV_CONF_MAX];
extern const char *const timezone_names[TIMEZONE_MAX];
extern const char *const link_journal_names[LINK_JOURNAL_MAX];

/* The folder that the journal FORWARD is written in, as written; and the name of its file there, or
 * NULL if there is one file for each sender. */
const char *forward_journal_folder(const ForwardJournal *forward, Arena *arena);
const char *forward_journal_file(const ForwardJournal *forward, Arena *arena);
