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
static const CallGroupName groups[] = {
        [CALL_GROUP_AIO] = { "@aio", "Asynchronous input and output", AIO },
        [CALL_GROUP_BASIC_IO] = { "@basic-io", "Reading and writing open files", BASIC_IO },
        [CALL_GROUP_CHOWN] = { "@chown", "Changing the owner of files", CHOWN },
        [CALL_GROUP_CLOCK] = { "@clock", "Setting the machine's clocks", CLOCK },
        [CALL_GROUP_CPU_EMULATION] = { "@cpu-emulation", "Running programs of other processors", CPU_EMULATION },
        [CALL_GROUP_DEBUG] = { "@debug", "Looking into other processes", DEBUG },
        [CALL_GROUP_DEFAULT] = { "@default", "What every program needs", DEFAULT },
        [CALL_GROUP_FILE_SYSTEM] = { "@file-system", "Files and folders", FILE_SYSTEM },
        [CALL_GROUP_IO_EVENT] = { "@io-event", "Waiting for several files", IO_EVENT },
        [CALL_GROUP_IO_URING] = { "@io-uring", "Calls through a ring in memory", IO_URING },
        [CALL_GROUP_IPC] = { "@ipc", "Pipes, queues, semaphores, shared memory", IPC },
        [CALL_GROUP_KEYRING] = { "@keyring", "The kernel's keys", KEYRING },
        [CALL_GROUP_MEMLOCK] = { "@memlock", "Memory that cannot be swapped", MEMLOCK },
        [CALL_GROUP_MODULE] = { "@module", "Kernel modules", MODULE },
        [CALL_GROUP_MOUNT] = { "@mount", "Mounts and roots", MOUNT },
        [CALL_GROUP_NETWORK_IO] = { "@network-io", "Sockets", NETWORK_IO },
        [CALL_GROUP_OBSOLETE] = { "@obsolete", "Gone, or never used", OBSOLETE },
        [CALL_GROUP_PKEY] = { "@pkey", "Memory protection keys", PKEY },
        [CALL_GROUP_PRIVILEGED] = { "@privileged", "What is meant for root", PRIVILEGED },
        [CALL_GROUP_PROCESS] = { "@process", "Processes and namespaces", PROCESS },
        [CALL_GROUP_RAW_IO] = { "@raw-io", "Ports and memory of devices", RAW_IO },
        [CALL_GROUP_REBOOT] = { "@reboot", "Reboot and other kernels", REBOOT },
        [CALL_GROUP_RESOURCES] = { "@resources", "Priorities, limits, placement of memory", RESOURCES },
        [CALL_GROUP_SANDBOX] = { "@sandbox", "Locking oneself in", SANDBOX },
        [CALL_GROUP_SETUID] = { "@setuid", "Changing user and group", SETUID },
        [CALL_GROUP_SIGNAL] = { "@signal", "Signals", SIGNAL },
        [CALL_GROUP_SWAP] = { "@swap", "Swap", SWAP },
        [CALL_GROUP_SYNC] = { "@sync", "Writing files to disk", SYNC },
        [CALL_GROUP_TIMER] = { "@timer", "Timers", TIMER },

        { "@known", "All calls", ~0U },
        { "@system-service", "What services need", AIO | BASIC_IO | CHOWN | DEFAULT | FILE_SYSTEM |
          IO_EVENT | IPC | KEYRING | MEMLOCK | NETWORK_IO | PROCESS | RESOURCES | SANDBOX | SETUID |
          SIGNAL | SYNC | TIMER },
};
/* clang-format on */
static_assert(ELEMENTSOF(groups) > CALL_GROUP_MAX, "one name for each group");

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

const CallGroupName *call_group_at(size_t i) {
        return i < ELEMENTSOF(groups) ? &groups[i] : NULL;
}

uint32_t call_groups_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(groups); i++)
                if (strcmp(groups[i].name, name) == 0)
                        return groups[i].groups;

        return 0;
}
