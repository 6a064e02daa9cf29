/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/link.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"

int link_loopback_up(void) {
        struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
        CLEANUP_CLOSE int fd = -EBADF;

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
                return -errno;

        return 0;
}
