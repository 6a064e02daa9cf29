/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/program.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "sys/rootpath.h"

enum { HEADER_SIZE = 64 };

Architecture program_architecture(int tree_fd) {
        /* The first is in most trees, so that most starts open one file. */
        static const char *const paths[] = { "/bin/sh", "/usr/lib/systemd/systemd", "/sbin/init" };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                CLEANUP_CLOSE int fd = rootpath_open_file(tree_fd, paths[i]);
                unsigned char header[HEADER_SIZE];
                ssize_t n = fd < 0 ? -1 : read(fd, header, sizeof header);

                if (n > 0)
                        return architecture_of_program(header, (size_t)n);
        }

        return ARCHITECTURE_UNKNOWN;
}
