/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/mountfd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "sys/kernel.h"

int mountfd_clone(int at_fd, const char *path, bool recursive, uint64_t propagation) {
        CLEANUP_CLOSE int fd = -EBADF;
        int r;

        fd = open_tree(at_fd, path,
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (path[0] ? 0 : AT_EMPTY_PATH) |
                                        (recursive ? AT_RECURSIVE : 0));
        if (fd < 0)
                return -errno;

        if (propagation != 0) {
                r = mountfd_set_propagation(fd, recursive, propagation);
                if (r < 0)
                        return r;
        }

        return TAKE_FD(fd);
}

/* The kernel hands out one message per read(), "e tmpfs: Bad value for 'size'". */
static void read_message(int context_fd, MountMessage *ret_message) {
        ssize_t n;

        if (!ret_message)
                return;

        n = read(context_fd, ret_message->text, sizeof ret_message->text - 1);
        n = n < 0 ? 0 : n; /* It had nothing to say. */
        ret_message->text[n] = '\0';
        if (n > 2 && ret_message->text[1] == ' ')
                memmove(ret_message->text, ret_message->text + 2, (size_t)n - 1);
        ret_message->text[strcspn(ret_message->text, "\n")] = '\0';
}

/* Cuts the first option off REST. Quotes around a value keep its commas, and go. */
static char *next_option(char **rest) {
        char *option = *rest, *end = option;
        bool is_quoted = false;

        if (!option)
                return NULL;

        *rest = NULL;
        for (char *p = option; *p; p++)
                if (*p == '"')
                        is_quoted = !is_quoted;
                else if (*p == ',' && !is_quoted) {
                        *rest = p + 1;
                        break;
                } else
                        *end++ = *p;

        *end = '\0';
        return option;
}

static int set_options(int context_fd, const char *options) {
        char copy[4096], *rest = copy, *option;

        if (strlen(options) >= sizeof copy)
                return -E2BIG;
        strcpy(copy, options);

        while ((option = next_option(&rest))) {
                char *value = strchr(option, '=');

                if (option[0] == '\0')
                        continue;
                if (value)
                        *value++ = '\0';
                if (fsconfig(context_fd, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, option,
                                    value, 0) < 0)
                        return -errno;
        }

        return 0;
}

int mountfd_new(const char *type,
                const char *options,
                uint64_t attributes,
                MountMessage *ret_message) {
        CLEANUP_CLOSE int context_fd = -EBADF, fd = -EBADF;
        int r;

        if (ret_message)
                ret_message->text[0] = '\0';
        context_fd = fsopen(type, FSOPEN_CLOEXEC);
        if (context_fd < 0)
                return -errno;

        r = set_options(context_fd, options ?: "");
        if (r >= 0 && fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                r = -errno;
        if (r < 0) {
                read_message(context_fd, ret_message);
                return r;
        }

        fd = fsmount(context_fd, FSMOUNT_CLOEXEC, (unsigned)attributes);
        if (fd < 0) {
                r = -errno;
                read_message(context_fd, ret_message);
                return r;
        }

        return TAKE_FD(fd);
}

static int set_attr(int fd, bool recursive, struct mount_attr *attr) {
        if (mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), attr,
                            sizeof *attr) < 0)
                return -errno;

        return 0;
}

int mountfd_set_attributes(int fd, bool recursive, uint64_t set, uint64_t clear) {
        struct mount_attr attr = { .attr_set = set, .attr_clr = clear };

        return set_attr(fd, recursive, &attr);
}

int mountfd_set_propagation(int fd, bool recursive, uint64_t propagation) {
        struct mount_attr attr = { .propagation = propagation };

        return set_attr(fd, recursive, &attr);
}

int mountfd_set_idmap(int fd, bool recursive, int userns_fd) {
        struct mount_attr attr = {
                .attr_set = MOUNT_ATTR_IDMAP,
                .userns_fd = (uint64_t)userns_fd,
        };

        return set_attr(fd, recursive, &attr);
}

int mountfd_attach(int fd, int target_fd) {
        if (move_mount(fd, "", target_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
                        0)
                return -errno;

        return 0;
}
