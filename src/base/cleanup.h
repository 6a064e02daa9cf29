/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ownership that ends with the scope, and the macros that hand it on.
 *
 * A file descriptor starts as -EBADF and a pointer as NULL; both are then safe to clean up at
 * any moment. TAKE_FD() and TAKE_POINTER() move the value out and leave the empty one behind.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Closes FD unless it is negative, keeps errno, and returns -EBADF for `fd = fd_close(fd)`. */
static inline int fd_close(int fd) {
        if (fd >= 0) {
                int saved_errno = errno;

                (void)close(fd); /* The descriptor is gone whatever close() says. */
                errno = saved_errno;
        }

        return -EBADF;
}

static inline void cleanup_close(int *fd) {
        *fd = fd_close(*fd);
}

static inline void cleanup_free(void *pointer) {
        free(*(void **)pointer);
}

static inline void cleanup_file(FILE **file) {
        if (*file)
                (void)fclose(*file); /* Writers call fflush() themselves before they trust it. */
}

static inline void cleanup_dir(DIR **dir) {
        if (*dir)
                (void)closedir(*dir);
}

#define CLEANUP(function) __attribute__((cleanup(function)))
#define CLEANUP_CLOSE     CLEANUP(cleanup_close)
#define CLEANUP_FREE      CLEANUP(cleanup_free)
#define CLEANUP_FILE      CLEANUP(cleanup_file)
#define CLEANUP_DIR       CLEANUP(cleanup_dir)

#define TAKE_VALUE(variable, empty)                                                                \
        ({                                                                                         \
                __typeof__(variable) *_from = &(variable);                                         \
                __typeof__(variable) _taken = *_from;                                              \
                *_from = (empty);                                                                  \
                _taken;                                                                            \
        })

#define TAKE_FD(fd)           TAKE_VALUE(fd, -EBADF)
#define TAKE_POINTER(pointer) TAKE_VALUE(pointer, NULL)
