/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Of the arguments of socket(2) the kernel takes the lower half, as they are ints, whatever is in
 * the other. A filter for system calls sees both.
 *
 * For boot-tree: its filter compares the lower half only; one that compares all can be fooled.
 *
 * Source: seccomp(2), "struct seccomp_data"; measured on 6.18.
 */

#include "kernel-test.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OTHER_HALF 0x500000000UL

void test(const TestBed *bed) {
        int domain = 0, protocol = 0;
        socklen_t size = sizeof domain;
        int fd;

        (void)bed;
        if (sizeof(long) == 4)
                skip("arguments have no other half");

        fd = CHECK_OK(syscall(SYS_socket, OTHER_HALF | AF_NETLINK, OTHER_HALF | SOCK_RAW,
                        OTHER_HALF | NETLINK_ROUTE));
        CHECK_OK(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size));
        CHECK_EQ(domain, AF_NETLINK);
        CHECK_OK(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size));
        CHECK_EQ(protocol, NETLINK_ROUTE);
}
