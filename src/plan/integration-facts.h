/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is true of the things of the host that the payload gets: files, users, the journal; and of
 * their places in the tree. Read only as far as an option needs it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* The bytes of a file of the host that the payload gets a copy of. */
typedef struct {
        const char *name;
        const char *data;
        size_t size;
} HostFile;

typedef struct {
        HostFile *items;
        size_t n_items, n_allocated;
} HostFileList;

/* An entry of the tree's passwd or group file. */
typedef struct {
        const char *name;
        uint32_t id;
} Account;

typedef struct {
        Account *items;
        size_t n_items, n_allocated;
} AccountList;

typedef struct {
        const char *name;
        uint32_t uid, gid;
        const char *real_name;     /* printable, or NULL */
        const char *home;          /* absolute, a directory below "/" */
        const char *shell;         /* absolute, or NULL */
        const char *password_hash; /* NULL: no password opens it. Never shown */
        StringList ssh_keys;       /* lines of an authorized_keys file */
} HostUser;

typedef struct {
        HostUser *items;
        size_t n_items, n_allocated;
} HostUserList;

typedef struct {
        const char *host_machine_id; /* 32 hex digits, or NULL */
        bool has_folder;             /* --link-journal=auto: the host has one for the payload */
        bool is_behind_link;         /* the tree's folder, or what it is in, is a link */
        uint32_t group;              /* the tree's "systemd-journal"; 0: none */
        const char *receiver;        /* --forward-journal=: systemd-journal-remote, or NULL */
        unsigned receiver_version;   /* of systemd; 0: unknown */
} JournalFacts;
