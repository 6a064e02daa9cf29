/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/calls.h"

#include <string.h>

#include "base/calls-table.h"
#include "base/macro.h"

static const CallTable *const tables[] = {
        &calls_of_files,
        &calls_of_processes,
        &calls_of_communication,
        &calls_of_machine,
};

/* clang-format off */
static const struct {
        const char *name;
        const char *description;
} groups[] = {
        [CALL_GROUP_AIO] = { "@aio", "Asynchronous input and output" },
        [CALL_GROUP_BASIC_IO] = { "@basic-io", "Reading and writing open files" },
        [CALL_GROUP_CHOWN] = { "@chown", "Changing the owner of files" },
        [CALL_GROUP_CLOCK] = { "@clock", "Setting the machine's clocks" },
        [CALL_GROUP_CPU_EMULATION] = { "@cpu-emulation", "Running programs of other processors" },
        [CALL_GROUP_DEBUG] = { "@debug", "Looking into other processes" },
        [CALL_GROUP_DEFAULT] = { "@default", "What every program needs" },
        [CALL_GROUP_FILE_SYSTEM] = { "@file-system", "Files and folders" },
        [CALL_GROUP_IO_EVENT] = { "@io-event", "Waiting for several files" },
        [CALL_GROUP_IO_URING] = { "@io-uring", "Calls through a ring in memory" },
        [CALL_GROUP_IPC] = { "@ipc", "Pipes, queues, semaphores, shared memory" },
        [CALL_GROUP_KEYRING] = { "@keyring", "The kernel's keys" },
        [CALL_GROUP_MEMLOCK] = { "@memlock", "Memory that cannot be swapped" },
        [CALL_GROUP_MODULE] = { "@module", "Kernel modules" },
        [CALL_GROUP_MOUNT] = { "@mount", "Mounts and roots" },
        [CALL_GROUP_NETWORK_IO] = { "@network-io", "Sockets" },
        [CALL_GROUP_OBSOLETE] = { "@obsolete", "Gone, or never used" },
        [CALL_GROUP_PKEY] = { "@pkey", "Memory protection keys" },
        [CALL_GROUP_PRIVILEGED] = { "@privileged", "What is meant for root" },
        [CALL_GROUP_PROCESS] = { "@process", "Processes and namespaces" },
        [CALL_GROUP_RAW_IO] = { "@raw-io", "Ports and memory of devices" },
        [CALL_GROUP_REBOOT] = { "@reboot", "Reboot and other kernels" },
        [CALL_GROUP_RESOURCES] = { "@resources", "Priorities, limits, placement of memory" },
        [CALL_GROUP_SANDBOX] = { "@sandbox", "Locking oneself in" },
        [CALL_GROUP_SETUID] = { "@setuid", "Changing user and group" },
        [CALL_GROUP_SIGNAL] = { "@signal", "Signals" },
        [CALL_GROUP_SWAP] = { "@swap", "Swap" },
        [CALL_GROUP_SYNC] = { "@sync", "Writing files to disk" },
        [CALL_GROUP_TIMER] = { "@timer", "Timers" },
};

static const struct {
        const char *name;
        uint32_t groups;
} unions[] = {
        { "@known", ~0U },
        { "@system-service", AIO | BASIC_IO | CHOWN | DEFAULT | FILE_SYSTEM | IO_EVENT | IPC |
          KEYRING | MEMLOCK | NETWORK_IO | PROCESS | RESOURCES | SANDBOX | SETUID | SIGNAL | SYNC |
          TIMER },
};
/* clang-format on */
static_assert(ELEMENTSOF(groups) == CALL_GROUP_MAX, "one name for each group");

size_t calls_count(void) {
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                n += tables[i]->n_rows;
        return n;
}

const Call *call_at(size_t index) {
        size_t i = 0;

        for (; index >= tables[i]->n_rows; i++)
                index -= tables[i]->n_rows;
        return &tables[i]->rows[index];
}

bool call_find(const char *name, size_t *ret_index) {
        size_t n = calls_count();

        for (size_t i = 0; i < n; i++)
                if (strcmp(call_at(i)->name, name) == 0) {
                        *ret_index = i;
                        return true;
                }

        return false;
}

uint32_t call_groups_find(const char *name) {
        for (unsigned i = 0; i < CALL_GROUP_MAX; i++)
                if (strcmp(groups[i].name, name) == 0)
                        return CALL_GROUP_BIT(i);
        for (size_t i = 0; i < ELEMENTSOF(unions); i++)
                if (strcmp(unions[i].name, name) == 0)
                        return unions[i].groups;

        return 0;
}

const char *call_group_name(CallGroup group) {
        return groups[group].name;
}

const char *call_group_description(CallGroup group) {
        return groups[group].description;
}

const char *call_group_union(size_t i) {
        return i < ELEMENTSOF(unions) ? unions[i].name : NULL;
}
