/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Families of sockets: each is a door into the kernel of its own. */

#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* NUMBER: family, type and protocol. */
#define SOCKET(family, type, protocol) NULL, ((family) << 16 | (type) << 12 | (protocol)), 0

static int may_open(const Probe *probe) {
        int fd = socket((int)(probe->number >> 16), (int)(probe->number >> 12) & 0xf,
                        (int)(probe->number & 0xfff));

        if (fd < 0)
                return errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT
                                       ? -ENOTSUP
                                       : -errno;
        return 0;
}

/* With bits in the half of each argument that the kernel does not look at. */
static int may_open_with_both_halves(const Probe *probe) {
        long high = 0x5L << 32;
        long fd = syscall(SYS_socket, high | probe->number >> 16,
                        high | (probe->number >> 12 & 0xf), high | (probe->number & 0xfff));

        return fd >= 0 ? 0 : errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ? -ENOTSUP : -errno;
}

#ifdef __x86_64__
static long call_i386(long number, long a, long b, long c) {
        long r = number;

        __asm__ volatile("int $0x80"
                         : "+a"(r)
                         : "b"(a), "c"(b), "d"(c), "S"(0L), "D"(0L)
                         : "memory");
        return r;
}

static int may_open_i386(const Probe *probe) {
        long r = call_i386(
                        359, probe->number >> 16, probe->number >> 12 & 0xf, probe->number & 0xfff);

        return r == -EAFNOSUPPORT || r == -EPROTONOSUPPORT ? -ENOTSUP : (int)r;
}

/* By socketcall(), whose arguments are where no filter can look. They have to be below 4 GiB, as a
 * static program's own memory is. */
static int may_open_socketcall(const Probe *probe) {
        static unsigned arguments[3];
        long r;

        arguments[0] = (unsigned)(probe->number >> 16);
        arguments[1] = (unsigned)(probe->number >> 12) & 0xf;
        arguments[2] = (unsigned)(probe->number & 0xfff);
        r = call_i386(102, 1, (long)arguments, 0);
        return r == -EAFNOSUPPORT || r == -EPROTONOSUPPORT ? -ENOTSUP : (int)r;
}
#endif

static const Probe probes[] = {
#ifdef __x86_64__
        { "net-unix-i386", may_open_i386, SOCKET(AF_UNIX, SOCK_STREAM, 0) },
        { "net-alg-i386", may_open_i386, SOCKET(AF_ALG, SOCK_SEQPACKET, 0) },
        { "net-vsock-i386", may_open_i386, SOCKET(AF_VSOCK, SOCK_STREAM, 0) },
        { "net-audit-i386", may_open_i386, SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) },
        { "net-alg-socketcall", may_open_socketcall, SOCKET(AF_ALG, SOCK_SEQPACKET, 0) },
        { "net-vsock-socketcall", may_open_socketcall, SOCKET(AF_VSOCK, SOCK_STREAM, 0) },
        { "net-audit-socketcall", may_open_socketcall,
                        SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) },
#endif
        { "net-vsock-both-halves", may_open_with_both_halves, SOCKET(AF_VSOCK, SOCK_STREAM, 0) },
        { "net-audit-both-halves", may_open_with_both_halves,
                        SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) },
        { "net-alg", may_open, SOCKET(AF_ALG, SOCK_SEQPACKET, 0) },
        { "net-vsock", may_open, SOCKET(AF_VSOCK, SOCK_STREAM, 0) },
        { "net-packet", may_open, SOCKET(AF_PACKET, SOCK_RAW, 0) },
        { "net-raw", may_open, SOCKET(AF_INET, SOCK_RAW, 1) },
        { "net-key", may_open, SOCKET(AF_KEY, SOCK_RAW, 2) },
        { "net-xdp", may_open, SOCKET(AF_XDP, SOCK_RAW, 0) },
        { "net-can", may_open, SOCKET(AF_CAN, SOCK_RAW, 1) },
        { "net-bluetooth", may_open, SOCKET(AF_BLUETOOTH, SOCK_RAW, 1) },
        { "net-tipc", may_open, SOCKET(AF_TIPC, SOCK_RDM, 0) },
        { "net-rds", may_open, SOCKET(AF_RDS, SOCK_SEQPACKET, 0) },
        { "net-smc", may_open, SOCKET(AF_SMC, SOCK_STREAM, 0) },
        { "net-sctp", may_open, SOCKET(AF_INET, SOCK_STREAM, 132) },
        { "net-dccp", may_open, SOCKET(AF_INET, 6, 33) },
        { "net-mptcp", may_open, SOCKET(AF_INET, SOCK_STREAM, 262) },
        { "net-netlink-audit", may_open, SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) },
        { "net-netlink-netfilter", may_open, SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) },
        { "net-netlink-uevent", may_open, SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT) },
        { "net-netlink-xfrm", may_open, SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) },
};

ProbeList probes_of_sockets(void) {
        return PROBE_LIST(probes);
}
