/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/calls-table.h"

#include <linux/capability.h>

/* clang-format off */
static const Call rows[] = {
        /* The clock is the whole machine's. */
        { "adjtimex", CLOCK | PRIVILEGED, NEEDS(CAP_SYS_TIME) },
        { "clock_adjtime", CLOCK | PRIVILEGED, NEEDS(CAP_SYS_TIME) },
        { "clock_adjtime64", CLOCK | PRIVILEGED, NEEDS(CAP_SYS_TIME) },
        { "clock_settime", CLOCK | PRIVILEGED, NEEDS(CAP_SYS_TIME) },
        { "clock_settime64", CLOCK | PRIVILEGED, NEEDS(CAP_SYS_TIME) },
        { "settimeofday", CLOCK | PRIVILEGED, NEEDS(CAP_SYS_TIME) },
        { "stime", CLOCK | PRIVILEGED, NEEDS(CAP_SYS_TIME) },

        /* Code in the kernel. */
        { "delete_module", MODULE | PRIVILEGED, NEEDS(CAP_SYS_MODULE) },
        { "finit_module", MODULE | PRIVILEGED, NEEDS(CAP_SYS_MODULE) },
        { "init_module", MODULE | PRIVILEGED, NEEDS(CAP_SYS_MODULE) },

        /* Programs that the kernel runs: only with the capability itself, which
         * CAP_SYS_ADMIN would stand in for. */
        { "bpf", PRIVILEGED, NEEDS(CAP_BPF) },

        /* Ports and memory of devices. */
        { "ioperm", RAW_IO | PRIVILEGED, NEEDS(CAP_SYS_RAWIO) },
        { "iopl", RAW_IO | PRIVILEGED, NEEDS(CAP_SYS_RAWIO) },
        { "pciconfig_iobase", RAW_IO | PRIVILEGED, NEEDS(CAP_SYS_RAWIO) },
        { "pciconfig_read", RAW_IO | PRIVILEGED, NEEDS(CAP_SYS_RAWIO) },
        { "pciconfig_write", RAW_IO | PRIVILEGED, NEEDS(CAP_SYS_RAWIO) },
        { "s390_pci_mmio_read", RAW_IO | PRIVILEGED, NEEDS(CAP_SYS_RAWIO) },
        { "s390_pci_mmio_write", RAW_IO | PRIVILEGED, NEEDS(CAP_SYS_RAWIO) },

        /* The container's own end. */
        { "reboot", REBOOT | PRIVILEGED, NEEDS(CAP_SYS_BOOT) },

        /* The machine's end. */
        { "kexec_file_load", REBOOT | PRIVILEGED, DENIED },
        { "kexec_load", REBOOT | PRIVILEGED, DENIED },

        /* Memory of the whole machine. */
        { "swapoff", SWAP | PRIVILEGED, DENIED },
        { "swapon", SWAP | PRIVILEGED, DENIED },

        /* The kernel's own log. */
        { "syslog", PRIVILEGED, NEEDS(CAP_SYSLOG) },

        /* Accounts of all that ran on the machine. */
        { "acct", PRIVILEGED, NEEDS(CAP_SYS_PACCT) },

        /* Its own terminals. */
        { "vhangup", PRIVILEGED, NEEDS(CAP_SYS_TTY_CONFIG) },

        /* Its own names. */
        { "setdomainname", PRIVILEGED, ALLOWED },
        { "sethostname", PRIVILEGED, ALLOWED },

        /* For programs of other processors and of other times. */
        { "modify_ldt", CPU_EMULATION, DENIED },
        { "subpage_prot", CPU_EMULATION, DENIED },
        { "switch_endian", CPU_EMULATION, DENIED },
        { "usr26", CPU_EMULATION, DENIED },
        { "usr32", CPU_EMULATION, DENIED },
        { "vm86", CPU_EMULATION, DENIED },
        { "vm86old", CPU_EMULATION, DENIED },

        /* Nothing uses them. Newer kernels do not have them any more, or never had. */
        { "_sysctl", OBSOLETE, ABSENT },
        { "afs_syscall", OBSOLETE, ABSENT },
        { "bdflush", OBSOLETE, ABSENT },
        { "break", OBSOLETE, ABSENT },
        { "create_module", OBSOLETE, ABSENT },
        { "epoll_ctl_old", OBSOLETE, ABSENT },
        { "epoll_wait_old", OBSOLETE, ABSENT },
        { "ftime", OBSOLETE, ABSENT },
        { "get_kernel_syms", OBSOLETE, ABSENT },
        { "getpmsg", OBSOLETE, ABSENT },
        { "gtty", OBSOLETE, ABSENT },
        { "idle", OBSOLETE, ABSENT },
        { "lock", OBSOLETE, ABSENT },
        { "lookup_dcookie", OBSOLETE, ABSENT },
        { "mpx", OBSOLETE, ABSENT },
        { "multiplexer", OBSOLETE, ABSENT },
        { "nfsservctl", OBSOLETE, ABSENT },
        { "prof", OBSOLETE, ABSENT },
        { "profil", OBSOLETE, ABSENT },
        { "putpmsg", OBSOLETE, ABSENT },
        { "query_module", OBSOLETE, ABSENT },
        { "security", OBSOLETE, ABSENT },
        { "sgetmask", OBSOLETE, ABSENT },
        { "ssetmask", OBSOLETE, ABSENT },
        { "stty", OBSOLETE, ABSENT },
        { "sysfs", OBSOLETE, ABSENT },
        { "tuxcall", OBSOLETE, ABSENT },
        { "ulimit", OBSOLETE, ABSENT },
        { "uselib", OBSOLETE, ABSENT },
        { "ustat", OBSOLETE, ABSENT },
        { "vserver", OBSOLETE, ABSENT },
};
/* clang-format on */

const CallTable calls_of_machine = { rows, sizeof rows / sizeof rows[0] };
