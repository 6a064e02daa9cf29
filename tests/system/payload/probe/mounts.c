/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* File systems that show or change the host, and undoing what was mounted to confine. */

#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a namespace of its own: whatever is mounted goes with the process. */
static int enter_apart(void) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return -errno;

        (void)mkdir("/tmp/probe", 0700);
        return 0;
}

static int may_mount(const Probe *probe) {
        int r = enter_apart();

        if (r < 0)
                return r;
        if (mount("probe", "/tmp/probe", probe->text, 0, NULL) < 0)
                return errno == ENODEV || errno == EINVAL || errno == ENOENT ? -ENOTSUP : -errno;
        return 0;
}

static int may_remount(const Probe *probe) {
        int r = enter_apart();

        if (r < 0)
                return r;
        if (access(probe->text, F_OK) < 0)
                return -ENOTSUP;
        if (mount(NULL, probe->text, NULL, MS_REMOUNT | MS_BIND, NULL) < 0)
                return errno == EINVAL ? -ENOTSUP : -errno;
        return 0;
}

static int may_unmount(const Probe *probe) {
        int r = enter_apart();

        if (r < 0)
                return r;
        if (umount2(probe->text, MNT_DETACH) < 0)
                return -errno;
        return 0;
}

/* Thawing what is not frozen is refused behind the check. */
static int may_thaw(const Probe *probe) {
        int fd = open(probe->text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : probe_verdict(ioctl(fd, FITHAW, 0), EINVAL);
}

/* _IOR('X', 125, __u32), with a flag that there is not. */
static int may_shut_down(const Probe *probe) {
        int fd = open(probe->text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        unsigned flags = 0xffff;

        return fd < 0 ? -errno : probe_verdict(ioctl(fd, 0x8004587d, &flags), EINVAL);
}

static int may_make_immutable(const Probe *probe) {
        int fd = open(probe->text, O_RDWR | O_CREAT | O_CLOEXEC, 0600), flags, r;

        if (fd < 0)
                return -errno;
        r = ioctl(fd, FS_IOC_GETFLAGS, &flags);
        flags |= FS_IMMUTABLE_FL;
        if (r >= 0)
                r = ioctl(fd, FS_IOC_SETFLAGS, &flags);
        r = r < 0 ? -errno : 0;
        if (r >= 0) {
                flags &= ~FS_IMMUTABLE_FL;
                (void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
        }
        (void)unlink(probe->text);
        return r;
}

static const Probe probes[] = {
        { "mount-tmpfs", may_mount, "tmpfs" },
        { "mount-proc", may_mount, "proc" },
        { "mount-sysfs", may_mount, "sysfs" },
        { "mount-cgroup2", may_mount, "cgroup2" },
        { "mount-debugfs", may_mount, "debugfs" },
        { "mount-tracefs", may_mount, "tracefs" },
        { "mount-securityfs", may_mount, "securityfs" },
        { "mount-bpf", may_mount, "bpf" },
        { "mount-devtmpfs", may_mount, "devtmpfs" },
        { "mount-binfmt-misc", may_mount, "binfmt_misc" },
        { "mount-hugetlbfs", may_mount, "hugetlbfs" },
        { "mount-configfs", may_mount, "configfs" },
        { "mount-efivarfs", may_mount, "efivarfs" },
        { "mount-pstore", may_mount, "pstore" },
        { "mount-fusectl", may_mount, "fusectl" },
        { "mount-ramfs", may_mount, "ramfs" },
        { "remount-run-host", may_remount, "/run/host" },
        { "remount-proc-sys", may_remount, "/proc/sys" },
        { "umount-dev", may_unmount, "/dev" },
        { "umount-proc-sys", may_unmount, "/proc/sys" },
        { "umount-mask", may_unmount, "/proc/kcore" },
        { "fs-thaw", may_thaw, "/" },
        { "fs-shutdown", may_shut_down, "/" },
        { "file-immutable", may_make_immutable, "/probe-immutable" },
};

ProbeList probes_of_mounts(void) {
        return PROBE_LIST(probes);
}
