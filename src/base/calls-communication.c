/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/calls-table.h"

#include <linux/capability.h>

/* clang-format off */
static const Call rows[] = {
        /* ipc() holds the calls of System V in it, on i386. */
        { "ipc", IPC, ALLOWED },
        { "memfd_create", IPC, ALLOWED },
        { "mq_getsetattr", IPC, ALLOWED },
        { "mq_notify", IPC, ALLOWED },
        { "mq_open", IPC, ALLOWED },
        { "mq_timedreceive", IPC, ALLOWED },
        { "mq_timedreceive_time64", IPC, ALLOWED },
        { "mq_timedsend", IPC, ALLOWED },
        { "mq_timedsend_time64", IPC, ALLOWED },
        { "mq_unlink", IPC, ALLOWED },
        { "msgctl", IPC, ALLOWED },
        { "msgget", IPC, ALLOWED },
        { "msgrcv", IPC, ALLOWED },
        { "msgsnd", IPC, ALLOWED },
        { "pipe", IPC, ALLOWED },
        { "pipe2", IPC, ALLOWED },
        { "semctl", IPC, ALLOWED },
        { "semget", IPC, ALLOWED },
        { "semop", IPC, ALLOWED },
        { "semtimedop", IPC, ALLOWED },
        { "semtimedop_time64", IPC, ALLOWED },
        { "shmat", IPC, ALLOWED },
        { "shmctl", IPC, ALLOWED },
        { "shmdt", IPC, ALLOWED },
        { "shmget", IPC, ALLOWED },

        /* The families that socket() opens are bounded apart; socketcall() is looked
         * into, on i386. */
        { "accept", NETWORK_IO, ALLOWED },
        { "accept4", NETWORK_IO, ALLOWED },
        { "bind", NETWORK_IO, ALLOWED },
        { "connect", NETWORK_IO, ALLOWED },
        { "getpeername", NETWORK_IO, ALLOWED },
        { "getsockname", NETWORK_IO, ALLOWED },
        { "getsockopt", NETWORK_IO, ALLOWED },
        { "listen", NETWORK_IO, ALLOWED },
        { "recv", NETWORK_IO, ALLOWED },
        { "recvfrom", NETWORK_IO, ALLOWED },
        { "recvmmsg", NETWORK_IO, ALLOWED },
        { "recvmmsg_time64", NETWORK_IO, ALLOWED },
        { "recvmsg", NETWORK_IO, ALLOWED },
        { "send", NETWORK_IO, ALLOWED },
        { "sendmmsg", NETWORK_IO, ALLOWED },
        { "sendmsg", NETWORK_IO, ALLOWED },
        { "sendto", NETWORK_IO, ALLOWED },
        { "setsockopt", NETWORK_IO, ALLOWED },
        { "shutdown", NETWORK_IO, ALLOWED },
        { "socket", NETWORK_IO, ALLOWED },
        { "socketcall", NETWORK_IO, ALLOWED },
        { "socketpair", NETWORK_IO, ALLOWED },

        /* Keys have no namespace: by their numbers those of the host's are in reach, and only
         * owners guard them; request_key() runs a program of the host's, as the host's root, for a
         * name of the caller's choice. They are absent and not denied, since container managers
         * inside go on without keys, but not if they are kept from them. */
        { "add_key", KEYRING, ABSENT },
        { "keyctl", KEYRING, ABSENT },
        { "request_key", KEYRING, ABSENT },

        /* Memory that the host cannot take back. The capability lifts the limit on it,
         * too. */
        { "memfd_secret", MEMLOCK, NEEDS(CAP_IPC_LOCK) },
        { "mlock", MEMLOCK, NEEDS(CAP_IPC_LOCK) },
        { "mlock2", MEMLOCK, NEEDS(CAP_IPC_LOCK) },
        { "mlockall", MEMLOCK, NEEDS(CAP_IPC_LOCK) },
        { "munlock", MEMLOCK, NEEDS(CAP_IPC_LOCK) },
        { "munlockall", MEMLOCK, NEEDS(CAP_IPC_LOCK) },

        /* Its own memory, made out of bounds to itself. */
        { "pkey_alloc", PKEY, ALLOWED },
        { "pkey_free", PKEY, ALLOWED },
        { "pkey_mprotect", PKEY, ALLOWED },
};
/* clang-format on */

const CallTable calls_of_communication = { rows, sizeof rows / sizeof rows[0] };
