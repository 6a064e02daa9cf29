/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/file-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/io.h"
#include "base/macro.h"
#include "base/text.h"

/* How much is copied between two calls of the progress function; the kernel's limits of the list
 * of names and of one value (xattr(7)). */
enum { CHUNK_SIZE = 16 << 20, BUFFER_SIZE = 65536, NAMES_SIZE = 65536, VALUE_SIZE = 65536 };

/* By path, since most calls refuse O_PATH descriptors. */
static void descriptor_path(int fd, char ret_path[static 32]) {
        (void)snprintf(ret_path, 32, "/proc/self/fd/%d", fd); /* always fits */
}

/* Where copy_file_range() cannot be used. */
static ssize_t copy_through_memory(int from_fd, int to_fd, off_t *offset, size_t size) {
        char buffer[BUFFER_SIZE];
        ssize_t n;
        int r;

        n = pread(from_fd, buffer, MIN_OF(size, sizeof buffer), *offset);
        if (n <= 0)
                return n < 0 ? -errno : 0;
        if (lseek(to_fd, *offset, SEEK_SET) < 0)
                return -errno;
        r = io_write_all(to_fd, buffer, (size_t)n);
        if (r < 0)
                return r;

        *offset += n;
        return n;
}

static ssize_t copy_some(int from_fd, int to_fd, off_t *offset, size_t size) {
        off_t to = *offset;
        ssize_t n = copy_file_range(
                        from_fd, offset, to_fd, &to, MIN_OF(size, (size_t)CHUNK_SIZE), 0);

        if (n >= 0)
                return n;
        if (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
                return copy_through_memory(from_fd, to_fd, offset, size);

        return -errno;
}

/* The data between two holes. */
static int copy_extent(int from_fd,
                int to_fd,
                off_t start,
                off_t end,
                FileCopyProgress progress,
                void *userdata) {
        while (start < end) {
                ssize_t n = copy_some(from_fd, to_fd, &start, (size_t)(end - start));
                int r;

                if (n <= 0)
                        return (int)n; /* It became shorter. */
                r = progress ? progress(userdata, (uint64_t)n) : 0;
                if (r < 0)
                        return r;
        }

        return 0;
}

int file_copy_data(int from_fd, int to_fd, FileCopyProgress progress, void *userdata) {
        struct stat st;

        if (ioctl(to_fd, FICLONE, from_fd) == 0)
                return 0;
        if (fstat(from_fd, &st) < 0)
                return -errno;

        for (off_t start = 0, end; start < st.st_size; start = end) {
                int r;

                start = lseek(from_fd, start, SEEK_DATA);
                if (start < 0 && errno == ENXIO)
                        break; /* a hole to the end */
                end = start < 0 ? start : lseek(from_fd, start, SEEK_HOLE);
                if (end < 0)
                        return -errno;
                r = copy_extent(from_fd, to_fd, start, end, progress, userdata);
                if (r < 0)
                        return r;
        }

        return ftruncate(to_fd, st.st_size) < 0 ? -errno : 0;
}

/* The name that attribute NAME has in the copy; "" if it is left out. What an overlay sets says
 * something about the place, not the file; what an overlay in the payload sets, which ours has
 * below a name of its own, is the file's again. */
static const char *copied_name(const char *name, OverlayMarks marks, char *buffer, size_t size) {
        const char *mark = text_after(name, "trusted.overlay."), *inner;

        if (marks == MARKS_ALL || !mark || (marks == MARKS_OPAQUE && text_equal(mark, "opaque")))
                return name;
        inner = text_after(mark, "overlay.");
        if (!inner)
                return "";

        (void)snprintf(buffer, size, "trusted.overlay.%s", inner); /* always fits: it is shorter */
        return buffer;
}

static bool is_listed(const char *names, ssize_t size, const char *wanted) {
        for (const char *name = names; name < names + size; name += strlen(name) + 1)
                if (text_equal(name, wanted))
                        return true;

        return false;
}

/* Takes away what the file TO has and the list WANTED has not: a directory's default access
 * control list goes to all that is made in it. */
static int
remove_others(const char *to, const char *wanted, ssize_t wanted_size, OverlayMarks marks) {
        char names[NAMES_SIZE];
        ssize_t size = listxattr(to, names, sizeof names);

        if (size < 0)
                return errno == ENOTSUP ? 0 : -errno;

        for (const char *name = names; name < names + size; name += strlen(name) + 1) {
                /* What a security module has given it is not ours to take; nor are the marks of
                 * other layers. */
                if ((text_after(name, "security.") && !text_equal(name, "security.capability")) ||
                                (marks != MARKS_ALL && text_after(name, "trusted.overlay.")))
                        continue;
                if (!is_listed(wanted, wanted_size, name) && removexattr(to, name) < 0)
                        return -errno;
        }

        return 0;
}

int file_copy_xattrs(int from_fd, int to_fd, OverlayMarks marks) {
        char from[32], to[32], names[NAMES_SIZE], value[VALUE_SIZE], buffer[XATTR_NAME_MAX + 1];
        ssize_t n_names, n;
        int r;

        descriptor_path(from_fd, from);
        descriptor_path(to_fd, to);
        n_names = listxattr(from, names, sizeof names);
        if (n_names < 0 && errno != ENOTSUP)
                return -errno;
        n_names = n_names < 0 ? 0 : n_names;
        r = remove_others(to, names, n_names, marks);
        if (r < 0)
                return r;

        for (const char *name = names; name < names + n_names; name += strlen(name) + 1) {
                const char *copied = copied_name(name, marks, buffer, sizeof buffer);

                if (copied[0] == '\0')
                        continue;
                n = getxattr(from, name, value, sizeof value);
                if (n < 0)
                        return -errno;
                if (setxattr(to, copied, value, (size_t)n, 0) < 0 && errno != ENOTSUP)
                        return -errno;
        }

        return 0;
}

int file_copy_attributes(int from_fd, const struct stat *st, int to_fd, OverlayMarks marks) {
        char to[32];

        /* In this order: a change of the owner takes capabilities and set-user-id bits away. */
        descriptor_path(to_fd, to);
        if (fchownat(to_fd, "", st->st_uid, st->st_gid, AT_EMPTY_PATH) < 0)
                return -errno;
        if (!S_ISLNK(st->st_mode) && chmod(to, st->st_mode & 07777) < 0)
                return -errno;

        return file_copy_xattrs(from_fd, to_fd, marks);
}

int file_copy_times(const struct stat *st, int to_fd) {
        const struct timespec times[] = { st->st_atim, st->st_mtim };
        char to[32];

        descriptor_path(to_fd, to);
        return utimensat(AT_FDCWD, to, times, 0) < 0 ? -errno : 0;
}
