/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The system calls of Linux: in which groups each is, and whether a payload may use it.
 *
 * The table is in calls-*.c, one row a call, with the reason for what is not simply allowed. Users
 * write the names of calls and of groups, which are systemd's where it has them. What is not in the
 * table is unknown: it fails as on a kernel without it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
        CALL_ALLOWED,
        CALL_DENIED,          /* EPERM */
        CALL_ABSENT,          /* ENOSYS */
        CALL_WITH_CAPABILITY, /* allowed if the payload may have it */
        CALL_RULE_MAX,
} CallRule;

/* One bit each, in Call.groups. */
typedef enum {
        CALL_GROUP_AIO,
        CALL_GROUP_BASIC_IO,
        CALL_GROUP_CHOWN,
        CALL_GROUP_CLOCK,
        CALL_GROUP_CPU_EMULATION,
        CALL_GROUP_DEBUG,
        CALL_GROUP_DEFAULT,
        CALL_GROUP_FILE_SYSTEM,
        CALL_GROUP_IO_EVENT,
        CALL_GROUP_IO_URING,
        CALL_GROUP_IPC,
        CALL_GROUP_KEYRING,
        CALL_GROUP_MEMLOCK,
        CALL_GROUP_MODULE,
        CALL_GROUP_MOUNT,
        CALL_GROUP_NETWORK_IO,
        CALL_GROUP_OBSOLETE,
        CALL_GROUP_PKEY,
        CALL_GROUP_PRIVILEGED,
        CALL_GROUP_PROCESS,
        CALL_GROUP_RAW_IO,
        CALL_GROUP_REBOOT,
        CALL_GROUP_RESOURCES,
        CALL_GROUP_SANDBOX,
        CALL_GROUP_SETUID,
        CALL_GROUP_SIGNAL,
        CALL_GROUP_SWAP,
        CALL_GROUP_SYNC,
        CALL_GROUP_TIMER,
        CALL_GROUP_MAX,
} CallGroup;

#define CALL_GROUP_BIT(group) (1U << (group))

typedef struct {
        const char *name;
        uint32_t groups;
        CallRule rule;
        unsigned capability; /* CALL_WITH_CAPABILITY only */
} Call;

/* How many calls there are: their numbers here, from 0 on, are no numbers of the kernel. */
size_t calls_count(void);

/* The call INDEX, which is less than calls_count(). */
const Call *call_at(size_t index);

/* The index of the call NAME; false if it is not known. */
bool call_find(const char *name, size_t *ret_index);

/* A name that stands for one group, by CallGroup, or behind those for several. */
typedef struct {
        const char *name;        /* "@aio" */
        const char *description; /* in a few words */
        uint32_t groups;         /* one bit each */
} CallGroupName;

/* NULL from the end on. */
const CallGroupName *call_group_at(size_t i);

/* The groups that NAME, with "@" in front, stands for, one bit each; 0 if there is no such name. */
uint32_t call_groups_find(const char *name);
