/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/sealed-program.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

int sealed_program_open(const char *name, const void *image, size_t size) {
        const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
        CLEANUP_CLOSE int fd = memfd_create(name, flags | MFD_EXEC);
        int r;

        if (fd < 0 && errno == EINVAL)
                fd = memfd_create(name, flags);
        if (fd < 0)
                return -errno;

        r = io_write_all(fd, image, size);
        if (r >= 0 && (fchmod(fd, 0111) < 0 ||
                                      fcntl(fd, F_ADD_SEALS,
                                                      F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
                                                                      F_SEAL_WRITE) < 0))
                r = -errno;
        return r < 0 ? r : TAKE_FD(fd);
}
