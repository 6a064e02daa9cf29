/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside base/calls only: the parts of the table, and the words that their rows are written in.
 */

#include "base/calls.h"

typedef struct {
        const Call *rows;
        size_t n_rows;
} CallTable;

extern const CallTable calls_of_files;
extern const CallTable calls_of_processes;
extern const CallTable calls_of_communication;
extern const CallTable calls_of_machine;

/* Groups. */
#define AIO           CALL_GROUP_BIT(CALL_GROUP_AIO)
#define BASIC_IO      CALL_GROUP_BIT(CALL_GROUP_BASIC_IO)
#define CHOWN         CALL_GROUP_BIT(CALL_GROUP_CHOWN)
#define CLOCK         CALL_GROUP_BIT(CALL_GROUP_CLOCK)
#define CPU_EMULATION CALL_GROUP_BIT(CALL_GROUP_CPU_EMULATION)
#define DEBUG         CALL_GROUP_BIT(CALL_GROUP_DEBUG)
#define DEFAULT       CALL_GROUP_BIT(CALL_GROUP_DEFAULT)
#define FILE_SYSTEM   CALL_GROUP_BIT(CALL_GROUP_FILE_SYSTEM)
#define IO_EVENT      CALL_GROUP_BIT(CALL_GROUP_IO_EVENT)
#define IO_URING      CALL_GROUP_BIT(CALL_GROUP_IO_URING)
#define IPC           CALL_GROUP_BIT(CALL_GROUP_IPC)
#define KEYRING       CALL_GROUP_BIT(CALL_GROUP_KEYRING)
#define MEMLOCK       CALL_GROUP_BIT(CALL_GROUP_MEMLOCK)
#define MODULE        CALL_GROUP_BIT(CALL_GROUP_MODULE)
#define MOUNT         CALL_GROUP_BIT(CALL_GROUP_MOUNT)
#define NETWORK_IO    CALL_GROUP_BIT(CALL_GROUP_NETWORK_IO)
#define OBSOLETE      CALL_GROUP_BIT(CALL_GROUP_OBSOLETE)
#define PKEY          CALL_GROUP_BIT(CALL_GROUP_PKEY)
#define PRIVILEGED    CALL_GROUP_BIT(CALL_GROUP_PRIVILEGED)
#define PROCESS       CALL_GROUP_BIT(CALL_GROUP_PROCESS)
#define RAW_IO        CALL_GROUP_BIT(CALL_GROUP_RAW_IO)
#define REBOOT        CALL_GROUP_BIT(CALL_GROUP_REBOOT)
#define RESOURCES     CALL_GROUP_BIT(CALL_GROUP_RESOURCES)
#define SANDBOX       CALL_GROUP_BIT(CALL_GROUP_SANDBOX)
#define SETUID        CALL_GROUP_BIT(CALL_GROUP_SETUID)
#define SIGNAL        CALL_GROUP_BIT(CALL_GROUP_SIGNAL)
#define SWAP          CALL_GROUP_BIT(CALL_GROUP_SWAP)
#define SYNC          CALL_GROUP_BIT(CALL_GROUP_SYNC)
#define TIMER         CALL_GROUP_BIT(CALL_GROUP_TIMER)

/* Rules. */
#define ALLOWED           CALL_ALLOWED, 0
#define DENIED            CALL_DENIED, 0
#define ABSENT            CALL_ABSENT, 0
#define NEEDS(capability) CALL_WITH_CAPABILITY, (capability)
