/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/gather-credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

/* For the other end of a socket or fifo. */
enum { SOURCE_TIMEOUT_MS = 30 * 1000 };

static int connect_socket(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        CLEANUP_CLOSE int fd = -EBADF;

        strcpy(address.sun_path, path); /* a short one below /proc */
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
                return -errno;

        return TAKE_FD(fd);
}

/* What has no end, or does something when it is opened, is no source. */
static int open_source(const char *path) {
        CLEANUP_CLOSE int path_fd = -EBADF;
        struct stat st;
        char link[64];
        int fd;

        path_fd = open(path, O_PATH | O_CLOEXEC);
        if (path_fd < 0 || fstat(path_fd, &st) < 0)
                return -errno;

        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", path_fd); /* always fits */
        if (S_ISSOCK(st.st_mode))
                return connect_socket(link);
        if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EBADFD;

        fd = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Reads FD to its end into a buffer of CREDENTIAL_SIZE_MAX + 1 bytes. */
static ssize_t read_source(int fd, char *buffer) {
        size_t n = 0;

        for (;;) {
                struct pollfd source = { .fd = fd, .events = POLLIN };
                ssize_t n_read;
                int r;

                r = poll(&source, 1, SOURCE_TIMEOUT_MS);
                if (r == 0)
                        return -ETIMEDOUT;
                if (r < 0 && errno != EINTR)
                        return -errno;

                n_read = r < 0 ? -1 : read(fd, buffer + n, CREDENTIAL_SIZE_MAX + 1 - n);
                if (n_read < 0 && errno != EINTR && errno != EAGAIN)
                        return -errno;
                if (n_read == 0)
                        return (ssize_t)n;
                n += n_read > 0 ? (size_t)n_read : 0;
                if (n > CREDENTIAL_SIZE_MAX)
                        return -EFBIG;
        }
}

static const char *hint_for(int r) {
        switch (r) {
        case -EFBIG:
                return "it is larger than 1 MiB";
        case -EBADFD:
                return "it is neither a file nor a socket";
        case -ETIMEDOUT:
                return "nothing came for 30 seconds";
        default:
                return NULL;
        }
}

static int read_one(const CredentialSetting *setting, Facts *facts, char *buffer) {
        const char *folder = getenv("CREDENTIALS_DIRECTORY"), *path = setting->source;
        CLEANUP_CLOSE int fd = -EBADF;
        HostFile *file;
        ssize_t size;

        if (!strchr(path, '/')) {
                if (!folder) {
                        log_error("Failed to load credential '%s': we were given none ourselves "
                                  "(a file needs a path with a '/')",
                                        setting->id);
                        return -ENXIO;
                }
                path = path_join(&facts->arena, folder, path);
        }

        fd = open_source(path);
        size = fd < 0 ? fd : read_source(fd, buffer);
        if (size < 0)
                return log_error_hint((int)size, hint_for((int)size),
                                "Failed to load credential '%s' from '%s'", setting->id, path);

        facts->credentials.items = arena_grow(&facts->arena, facts->credentials.items,
                        facts->credentials.n_items, &facts->credentials.n_allocated, sizeof *file);
        file = &facts->credentials.items[facts->credentials.n_items++];
        file->name = arena_copy(&facts->arena, setting->id);
        file->data = arena_copy_n(&facts->arena, buffer, (size_t)size);
        file->size = (size_t)size;
        return 0;
}

int gather_credentials(const Config *config, Facts *facts) {
        const CredentialList *credentials = &config->integration.credentials;
        CLEANUP_FREE char *buffer = NULL;
        int r = 0;

        for (size_t i = 0; i < credentials->n_items && r >= 0; i++) {
                if (!credentials->items[i].source)
                        continue;
                buffer = buffer ?: malloc(CREDENTIAL_SIZE_MAX + 1);
                if (!buffer)
                        return log_error_errno(-ENOMEM, "Failed to load credentials");
                r = read_one(&credentials->items[i], facts, buffer);
        }

        if (buffer)
                explicit_bzero(buffer, CREDENTIAL_SIZE_MAX + 1);
        return r;
}
