/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* System calls that act on the whole kernel, or that widen what can be attacked of it. */

#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <unistd.h>

/* NUMBER with arguments that are never good: EXPECTED comes behind the check of who may. */
static int may_call(const Probe *probe) {
        return probe_verdict(syscall(probe->number, -1L, -1L, -1L, -1L, -1L, -1L), probe->expected);
}

static int may_call_with_path(const Probe *probe) {
        return probe_verdict(syscall(probe->number, probe->text, 0, 0, 0), probe->expected);
}

static int may_bpf(const Probe *probe) {
        union bpf_attr attr = {
                .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1
        };

        (void)probe;
        return probe_verdict(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr), 0);
}

static int may_perf(const Probe *probe) {
        struct perf_event_attr attr = {
                .type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_CPU_CLOCK
        };

        (void)probe;
        return probe_verdict(syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0), 0);
}

static int may_io_uring(const Probe *probe) {
        struct io_uring_params params = { 0 };

        (void)probe;
        return probe_verdict(syscall(SYS_io_uring_setup, 1, &params), 0);
}

static int may_userfaultfd(const Probe *probe) {
        (void)probe;
        return probe_verdict(syscall(SYS_userfaultfd, O_CLOEXEC), 0);
}

static int may_keyctl(const Probe *probe) {
        (void)probe;
        return probe_verdict(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0),
                        ENOKEY);
}

static int may_add_key(const Probe *probe) {
        (void)probe;
        return probe_verdict(
                        syscall(SYS_add_key, "user", "probe", "x", 1, KEY_SPEC_PROCESS_KEYRING), 0);
}

static int may_open_handle(const Probe *probe) {
        union {
                struct file_handle handle;
                char space[sizeof(struct file_handle) + 128];
        } handle = { .handle = { .handle_bytes = 128 } };
        int mount_id, fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void)probe;
        if (name_to_handle_at(AT_FDCWD, "/", &handle.handle, &mount_id, 0) < 0)
                return errno == EOPNOTSUPP ? -ENOTSUP : -errno;
        return probe_verdict(open_by_handle_at(fd, &handle.handle, O_PATH), 0);
}

/* Which is refused behind the check, as there is no such tick. */
static int may_set_clock(const Probe *probe) {
        struct timex timex = { .modes = ADJ_TICK, .tick = 1 };

        (void)probe;
        return probe_verdict(adjtimex(&timex), EINVAL);
}

static int may_read_log(const Probe *probe) {
        char text[16];

        (void)probe;
        return probe_verdict(syscall(SYS_syslog, 3, text, sizeof text), 0);
}

static int may_unshare(const Probe *probe) {
        return probe_verdict(unshare((int)probe->number), 0);
}

static int may_read_init(const Probe *probe) {
        char byte;
        struct iovec local = { &byte, 1 }, remote = { (void *)&byte, 1 };

        (void)probe;
        return probe_verdict(process_vm_readv(1, &local, 1, &remote, 1, 0), EFAULT);
}

static int may_take_descriptor(const Probe *probe) {
        long pidfd = syscall(SYS_pidfd_open, 1, 0);

        (void)probe;
        return pidfd < 0 ? -errno : probe_verdict(syscall(SYS_pidfd_getfd, pidfd, 1000, 0), EBADF);
}

static int may_run_first(const Probe *probe) {
        struct sched_param param = { .sched_priority = 1 };

        (void)probe;
        return probe_verdict(sched_setscheduler(0, SCHED_FIFO, &param), 0);
}

static int may_lower_nice(const Probe *probe) {
        (void)probe;
        return probe_verdict(setpriority(PRIO_PROCESS, 0, -20), 0);
}

static int may_lock_memory(const Probe *probe) {
        struct rlimit limit = { 0, 0 };

        (void)probe;
        if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
                return -errno;
        return probe_verdict(mlockall(MCL_CURRENT), 0);
}

static int may_raise_limit(const Probe *probe) {
        struct rlimit limit;

        (void)probe;
        if (getrlimit(RLIMIT_NICE, &limit) < 0)
                return -errno;
        limit.rlim_cur = limit.rlim_max = 40;
        return probe_verdict(setrlimit(RLIMIT_NICE, &limit), 0);
}

static int may_secret_memory(const Probe *probe) {
        (void)probe;
        return probe_verdict(syscall(SYS_memfd_secret, 0), 0);
}

static int may_move_pages(const Probe *probe) {
        (void)probe;
        return probe_verdict(syscall(SYS_move_pages, 1, 0, NULL, NULL, NULL, 0), 0);
}

static int may_request_key(const Probe *probe) {
        (void)probe;
        return probe_verdict(syscall(SYS_request_key, "user", "probe-no-such", NULL, 0), ENOKEY);
}

static int may_trace(const Probe *probe) {
        pid_t pid = fork();
        long r;

        (void)probe;
        if (pid == 0) {
                pause();
                _exit(0);
        }
        r = ptrace(PTRACE_SEIZE, pid, NULL, NULL);
        r = r < 0 ? -errno : 0;
        (void)kill(pid, SIGKILL);
        return (int)r;
}

/* The mount namespace before ours, by a number of the kernel's: NS_MNT_GET_PREV. */
static int may_walk_namespaces(const Probe *probe) {
        char info[16] = { 16 };
        int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

        (void)probe;
        if (fd < 0)
                return -errno;
        if (ioctl(fd, _IOR(0xb7, 12, char[16]), info) < 0)
                return errno == ENOTTY ? -ENOTSUP : errno == ENOENT ? 0 : -errno;
        return 0;
}

static int may_clone3(const Probe *probe) {
        struct clone_args args = { .flags = (__u64)probe->number, .exit_signal = SIGCHLD };
        long pid = syscall(SYS_clone3, &args, sizeof args);

        if (pid == 0)
                _exit(0);
        return probe_verdict(pid, 0);
}

static int may_clone(const Probe *probe) {
        long pid = syscall(SYS_clone, probe->number | SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(0);
        return probe_verdict(pid, 0);
}

#ifdef __x86_64__
/* getpid() by the entry of 32-bit programs. */
static int may_enter_i386(const Probe *probe) {
        long r = 20;

        (void)probe;
        __asm__ volatile("int $0x80" : "+a"(r) : : "memory");
        return r > 0 ? 0 : (int)r;
}

static int may_enter_x32(const Probe *probe) {
        (void)probe;
        return probe_verdict(syscall(0x40000000 | SYS_getpid), 0);
}

static int may_unshare_i386(const Probe *probe) {
        long r = 310;

        __asm__ volatile("int $0x80" : "+a"(r) : "b"(probe->number) : "memory");
        return (int)r;
}

/* What only the entry of 32-bit programs has: keyctl() is 288 there. */
static int may_keyctl_i386(const Probe *probe) {
        long r = 288;

        (void)probe;
        __asm__ volatile("int $0x80"
                         : "+a"(r)
                         : "b"(0L), "c"(-4L), "d"(0L), "S"(0L), "D"(0L)
                         : "memory");
        return r >= 0 || r == -ENOKEY ? 0 : (int)r;
}
#endif

static const Probe probes[] = {
        { "sys-bpf", may_bpf },
        { "sys-perf-event-open", may_perf },
        { "sys-io-uring", may_io_uring },
        { "sys-userfaultfd", may_userfaultfd },
        { "sys-keyctl", may_keyctl },
        { "sys-add-key", may_add_key },
        { "sys-request-key", may_request_key },
        { "sys-open-by-handle", may_open_handle },
        { "sys-set-clock", may_set_clock },
        { "sys-syslog", may_read_log },
        { "sys-init-module", may_call, NULL, SYS_init_module, EFAULT },
        { "sys-finit-module", may_call, NULL, SYS_finit_module, EINVAL },
        { "sys-delete-module", may_call_with_path, "probe_no_such", SYS_delete_module, ENOENT },
        { "sys-kexec-load", may_call, NULL, SYS_kexec_load, EINVAL },
        { "sys-kexec-file-load", may_call, NULL, SYS_kexec_file_load, EINVAL },
        { "sys-acct", may_call_with_path, "/probe/no/such", SYS_acct, ENOENT },
        { "sys-swapon", may_call_with_path, "/probe/no/such", SYS_swapon, ENOENT },
        { "sys-swapoff", may_call_with_path, "/probe/no/such", SYS_swapoff, ENOENT },
        { "sys-quotactl", may_call, NULL, SYS_quotactl, EINVAL },
        { "sys-fanotify", may_call, NULL, SYS_fanotify_init, EINVAL },
        { "sys-iopl", may_call, NULL, SYS_iopl, EINVAL },
        { "sys-reboot", may_call, NULL, SYS_reboot, EINVAL },
        { "sys-pivot-root", may_call_with_path, "/probe/no/such", SYS_pivot_root, EFAULT },
        { "sys-nfsservctl", may_call, NULL, SYS_nfsservctl, 0 },
        { "sys-uselib", may_call_with_path, "/probe/no/such", SYS_uselib, ENOENT },
        { "sys-lookup-dcookie", may_call, NULL, SYS_lookup_dcookie, EINVAL },
        { "sys-unshare-user", may_unshare, NULL, CLONE_NEWUSER },
        { "sys-unshare-mount", may_unshare, NULL, CLONE_NEWNS },
        { "sys-unshare-net", may_unshare, NULL, CLONE_NEWNET },
        { "sys-unshare-time", may_unshare, NULL, 0x80 },
        { "sys-clone-user", may_clone, NULL, CLONE_NEWUSER },
        { "sys-clone3-user", may_clone3, NULL, CLONE_NEWUSER },
        { "sys-clone3-all", may_clone3, NULL,
                        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC },
        { "sys-trace", may_trace },
        { "ns-walk-mount", may_walk_namespaces },
        { "sys-listns", may_call, NULL, 470, EFAULT },
        { "sys-read-init", may_read_init },
        { "sys-pidfd-getfd", may_take_descriptor },
        { "sys-realtime", may_run_first },
        { "sys-nice", may_lower_nice },
        { "sys-lock-memory", may_lock_memory },
        { "sys-raise-limit", may_raise_limit },
        { "sys-memfd-secret", may_secret_memory },
        { "sys-move-pages", may_move_pages },
#ifdef __x86_64__
        { "abi-i386", may_enter_i386 },
        { "abi-x32", may_enter_x32 },
        { "abi-i386-keyctl", may_keyctl_i386 },
        { "abi-i386-unshare-user", may_unshare_i386, NULL, CLONE_NEWUSER },
#endif
};

ProbeList probes_of_calls(void) {
        return PROBE_LIST(probes);
}
