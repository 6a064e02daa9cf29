/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What of the host came along: here "allowed" means that it is there. */

#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static int has_descriptors(const Probe *probe) {
        (void)probe;
        for (int fd = 3; fd < 1024; fd++)
                if (fcntl(fd, F_GETFD) >= 0)
                        return 0;

        return -EBADF;
}

/* Whoever starts us can plant a key "boot-tree-probe" in its session. */
static int has_session_key(const Probe *probe) {
        long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
                        "boot-tree-probe", 0);

        (void)probe;
        return key < 0 ? -errno : 0;
}

/* And listen at an abstract address of that name. */
static int has_abstract_socket(const Probe *probe) {
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0boot-tree-probe" };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)probe;
        if (fd < 0)
                return -errno;
        if (connect(fd, (struct sockaddr *)&address,
                            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 16)) < 0)
                return -errno;
        return 0;
}

static int has_inheritable_capabilities(const Probe *probe) {
        char line[256];
        FILE *file = fopen("/proc/self/status", "re");

        (void)probe;
        if (!file)
                return -errno;
        while (fgets(line, sizeof line, file))
                if (strncmp(line, "CapInh:", 7) == 0)
                        return strtoull(line + 7, NULL, 16) ? 0 : -EPERM;

        return -ENOTSUP;
}

/* The group as the host sees it, not "/". */
static int has_cgroup_path(const Probe *probe) {
        char line[4096];
        FILE *file = fopen("/proc/1/cgroup", "re");

        (void)probe;
        if (!file)
                return -errno;
        while (fgets(line, sizeof line, file))
                if (strncmp(line, "0::", 3) == 0)
                        return strcmp(line, "0::/\n") != 0 && strncmp(line, "0::/init.scope", 14) !=
                                                                               0
                                               ? 0
                                               : -EPERM;

        return -ENOTSUP;
}

/* Pushes a space into the terminal's input, which the caller would read. */
static int may_type(const Probe *probe) {
        char c = ' ';

        (void)probe;
        if (!isatty(STDIN_FILENO))
                return -ENOTSUP;
        return ioctl(STDIN_FILENO, TIOCSTI, &c) < 0 ? -errno : 0;
}

/* A program of the tree's own is nobody else's business. */
static int may_write_init(const Probe *probe) {
        char path[4096];
        struct stat its, ours;
        ssize_t n = readlink("/proc/1/exe", path, sizeof path - 1);
        int fd;

        (void)probe;
        if (n < 0)
                return -errno;
        path[n] = '\0';
        if (stat("/proc/1/exe", &its) < 0)
                return -errno;
        if (stat(path, &ours) == 0 && its.st_dev == ours.st_dev && its.st_ino == ours.st_ino)
                return -ENOTSUP;

        fd = open("/proc/1/exe", O_WRONLY | O_CLOEXEC);
        return fd < 0 && errno != ETXTBSY ? -errno : 0;
}

static const Probe probes[] = {
        { "leak-descriptors", has_descriptors },
        { "leak-session-key", has_session_key },
        { "leak-abstract-socket", has_abstract_socket },
        { "leak-inheritable", has_inheritable_capabilities },
        { "leak-cgroup-path", has_cgroup_path },
        { "leak-terminal", may_type },
        { "leak-init-executable", may_write_init },
};

ProbeList probes_of_leaks(void) {
        return PROBE_LIST(probes);
}
