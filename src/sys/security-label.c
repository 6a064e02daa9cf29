/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/security-label.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/text.h"
#include "sys/kernel.h"

enum { WORDS_SIZE = 4096 };

bool security_has_selinux_policy(void) {
        char label[256];

        /* The name of the first label of all, which a policy gives another name. */
        return io_read_file(AT_FDCWD, "/proc/self/attr/current", label, sizeof label) > 0 &&
               !text_equal(label, "kernel");
}

bool security_has_apparmor(void) {
        char text[8];

        return io_read_file(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", text,
                               sizeof text) > 0 &&
               text[0] == 'Y';
}

/* Nothing may lie on the file: what is written to another one would confine nobody. */
static int open_attribute(int proc_fd, const char *path) {
        struct open_how how = {
                .flags = O_WRONLY | O_CLOEXEC | O_NOCTTY,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
        };
        struct statfs fs;
        int fd;

        if (fstatfs(proc_fd, &fs) < 0)
                return -errno;
        if (fs.f_type != PROC_SUPER_MAGIC)
                return -EBADF;

        fd = kernel_openat2(proc_fd, path, &how);
        return fd < 0 ? -errno : fd;
}

int security_set_exec_label(int proc_fd, SecurityModule module, const char *label) {
        static const struct {
                const char *path;
                const char *command;
                size_t n_behind; /* bytes behind the label */
        } modules[] = {
                [SECURITY_SELINUX] = { "self/attr/exec", "", 1 },
                [SECURITY_APPARMOR] = { "self/attr/apparmor/exec", "exec ", 0 },
        };
        CLEANUP_CLOSE int fd = -EBADF;
        char words[WORDS_SIZE];
        int length;

        static_assert(ELEMENTSOF(modules) == SECURITY_MODULE_MAX, "one row for each module");
        length = snprintf(words, sizeof words, "%s%s", modules[module].command, label);
        if (length < 0 || (size_t)length >= sizeof words)
                return -E2BIG;

        fd = open_attribute(proc_fd, modules[module].path);
        if (fd < 0)
                return fd;

        /* One call, or the kernel takes each part for a label. */
        if (write(fd, words, (size_t)length + modules[module].n_behind) < 0)
                return -errno;

        return 0;
}
