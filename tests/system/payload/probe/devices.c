/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Device nodes: made where a payload can make files, and opened. */

#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The two halves of a device number; makedev() is no constant. */
#define NUMBER(major, minor) ((long)(major) << 20 | (minor))

/* TEXT: "c" or "b". */
static int may_open(const Probe *probe) {
        static const char *const folders[] = { "/dev", "/tmp", "/var/tmp", "/root", "/run" };
        mode_t type = probe->text[0] == 'b' ? S_IFBLK : S_IFCHR;
        int error = EACCES;

        for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
                char path[64];
                int fd;

                (void)snprintf(path, sizeof path, "%s/probe-%s", folders[i], probe->name);
                (void)unlink(path);
                if (mknod(path, type | 0600,
                                    makedev((unsigned)(probe->number >> 20),
                                                    (unsigned)(probe->number & 0xfffff))) < 0) {
                        error = errno;
                        continue;
                }
                fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
                error = errno;
                (void)unlink(path);
                /* Behind the check of who may, the driver says whether there is such a thing. */
                if (fd >= 0)
                        return 0;
                if (error == ENXIO || error == ENODEV || error == ENOENT || error == EBUSY ||
                                error == ENOMEDIUM)
                        return -ENOTSUP;
        }

        return -error;
}

static const Probe probes[] = {
        { "open-mem", may_open, "c", NUMBER(1, 1) },
        { "open-port", may_open, "c", NUMBER(1, 4) },
        { "open-kmsg-node", may_open, "c", NUMBER(1, 11) },
        { "open-disk", may_open, "b", NUMBER(254, 0) },
        { "open-scsi-disk", may_open, "b", NUMBER(8, 0) },
        { "open-loop-control", may_open, "c", NUMBER(10, 237) },
        { "open-loop0", may_open, "b", NUMBER(7, 0) },
        { "open-kvm", may_open, "c", NUMBER(10, 232) },
        { "open-fuse", may_open, "c", NUMBER(10, 229) },
        { "open-tun", may_open, "c", NUMBER(10, 200) },
        { "open-tty0", may_open, "c", NUMBER(4, 0) },
        { "open-tty-console", may_open, "c", NUMBER(5, 1) },
        { "open-serial", may_open, "c", NUMBER(4, 64) },
        { "open-rtc", may_open, "c", NUMBER(253, 0) },
        { "open-hpet", may_open, "c", NUMBER(10, 228) },
        { "open-nvram", may_open, "c", NUMBER(10, 144) },
        { "open-hwrng", may_open, "c", NUMBER(10, 183) },
        { "open-msr", may_open, "c", NUMBER(202, 0) },
        { "open-cpuid", may_open, "c", NUMBER(203, 0) },
        { "open-btrfs-control", may_open, "c", NUMBER(10, 234) },
        { "open-mapper-control", may_open, "c", NUMBER(10, 236) },
        { "open-autofs", may_open, "c", NUMBER(10, 235) },
        { "open-vhost-net", may_open, "c", NUMBER(10, 238) },
        { "open-vhost-vsock", may_open, "c", NUMBER(10, 241) },
        { "open-uinput", may_open, "c", NUMBER(10, 223) },
        { "open-zero", may_open, "c", NUMBER(1, 5) },
};

ProbeList probes_of_devices(void) {
        return PROBE_LIST(probes);
}
