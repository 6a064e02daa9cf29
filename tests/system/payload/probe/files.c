/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kernel's knobs and books: opened for writing, or for reading. */

#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int open_it(const char *path, int flags) {
        int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? -ENOTSUP : -errno;
        return fd;
}

static int may_write(const Probe *probe) {
        return open_it(probe->text, O_WRONLY);
}

/* The same by an instance of its own: masks and read-only binds of the first do not count then. */
static int may_write_new_proc(const Probe *probe) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                        mount("proc", "/proc", "proc", 0, NULL) < 0)
                return -errno;

        return open_it(probe->text, O_WRONLY);
}

static int may_write_new_sys(const Probe *probe) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                        mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
                return -errno;

        return open_it(probe->text, O_WRONLY);
}

static int may_read(const Probe *probe) {
        char byte;
        int fd = open_it(probe->text, O_RDONLY);

        if (fd < 0)
                return fd;
        if (read(fd, &byte, 1) < 0)
                return errno == EAGAIN ? 0 : -errno;
        return 0;
}

/* Addresses of all zeros tell nothing. */
static int may_read_addresses(const Probe *probe) {
        char text[4096];
        int fd = open_it(probe->text, O_RDONLY);
        ssize_t n;

        if (fd < 0)
                return fd;
        n = read(fd, text, sizeof text - 1);
        if (n < 0)
                return -errno;
        text[n] = '\0';
        return strtoull(text, NULL, 16) != 0 ? 0 : -EACCES;
}

static const Probe probes[] = {
        { "write-core-pattern", may_write, "/proc/sys/kernel/core_pattern" },
        { "write-core-pattern-new-proc", may_write_new_proc, "/proc/sys/kernel/core_pattern" },
        { "write-modprobe", may_write, "/proc/sys/kernel/modprobe" },
        { "write-poweroff-cmd", may_write, "/proc/sys/kernel/poweroff_cmd" },
        { "write-sysrq", may_write, "/proc/sys/kernel/sysrq" },
        { "write-sysrq-trigger", may_write, "/proc/sysrq-trigger" },
        { "write-sysrq-trigger-new-proc", may_write_new_proc, "/proc/sysrq-trigger" },
        { "write-panic", may_write, "/proc/sys/kernel/panic" },
        { "write-randomize-va", may_write, "/proc/sys/kernel/randomize_va_space" },
        { "write-kptr-restrict", may_write, "/proc/sys/kernel/kptr_restrict" },
        { "write-dmesg-restrict", may_write, "/proc/sys/kernel/dmesg_restrict" },
        { "write-perf-paranoid", may_write, "/proc/sys/kernel/perf_event_paranoid" },
        { "write-unprivileged-bpf", may_write, "/proc/sys/kernel/unprivileged_bpf_disabled" },
        { "write-printk", may_write, "/proc/sys/kernel/printk" },
        { "write-threads-max", may_write, "/proc/sys/kernel/threads-max" },
        { "write-keys-maxkeys", may_write, "/proc/sys/kernel/keys/maxkeys" },
        { "write-overcommit", may_write, "/proc/sys/vm/overcommit_memory" },
        { "write-drop-caches", may_write, "/proc/sys/vm/drop_caches" },
        { "write-swappiness", may_write, "/proc/sys/vm/swappiness" },
        { "write-file-max", may_write, "/proc/sys/fs/file-max" },
        { "write-suid-dumpable", may_write, "/proc/sys/fs/suid_dumpable" },
        { "write-protected-symlinks", may_write, "/proc/sys/fs/protected_symlinks" },
        { "write-binfmt-register", may_write, "/proc/sys/fs/binfmt_misc/register" },
        { "write-mtrr", may_write, "/proc/mtrr" },
        { "write-irq-affinity", may_write, "/proc/irq/default_smp_affinity" },
        { "write-scsi", may_write, "/proc/scsi/scsi" },
        { "write-uevent-helper", may_write, "/sys/kernel/uevent_helper" },
        { "write-uevent-helper-new-sys", may_write_new_sys, "/sys/kernel/uevent_helper" },
        { "write-hugepages", may_write, "/sys/kernel/mm/transparent_hugepage/enabled" },
        { "write-power-state", may_write, "/sys/power/state" },
        { "write-wake-lock", may_write, "/sys/power/wake_lock" },
        { "write-module-parameter", may_write, "/sys/module/printk/parameters/time" },
        { "write-block-scheduler", may_write, "/sys/block/vda/queue/scheduler" },
        { "write-cpu-online", may_write, "/sys/devices/system/cpu/cpu1/online" },
        { "write-release-agent", may_write, "/sys/fs/cgroup/release_agent" },
        { "write-own-memory-limit", may_write, "/sys/fs/cgroup/memory.max" },
        { "write-own-pids-limit", may_write, "/sys/fs/cgroup/pids.max" },
        { "read-kcore", may_read, "/proc/kcore" },
        { "read-kmsg", may_read, "/dev/kmsg" },
        { "read-proc-kmsg", may_read, "/proc/kmsg" },
        { "read-keys", may_read, "/proc/keys" },
        { "read-timer-list", may_read, "/proc/timer_list" },
        { "read-slabinfo", may_read, "/proc/slabinfo" },
        { "read-vmallocinfo", may_read, "/proc/vmallocinfo" },
        { "read-iomem", may_read_addresses, "/proc/iomem" },
        { "read-kallsyms", may_read_addresses, "/proc/kallsyms" },
        { "read-debugfs", may_read, "/sys/kernel/debug/sleep_time" },
        { "read-tracing", may_read, "/sys/kernel/tracing/trace" },
        { "read-firmware", may_read, "/sys/firmware/acpi/tables/DSDT" },
};

ProbeList probes_of_files(void) {
        return PROBE_LIST(probes);
}
