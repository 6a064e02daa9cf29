/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/upper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "sys/mountfd.h"
#include "sys/process.h"
#include "sys/tree.h"

/* The random part of a name; how often a name is tried. */
enum { SUFFIX_LENGTH = 16, TRIES = 16 };

enum { LAYERS_TEXT_SIZE = 65536 };

/* In a folder that has been left: when, by the monotonic clock, as text. It is kept for longer than
 * a service manager takes to start a unit again. */
#define LEFT_NAME "left"
enum { LEFT_TIMEOUT_US = 90 * 1000 * 1000 };

static int open_folder(int at_fd, const char *path) {
        int fd = openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* Whether FD is a folder that upper_make_on_disk() has made, or one just like it. */
static bool is_ours(int fd) {
        struct stat st;

        return fstat(fd, &st) == 0 && st.st_uid == 0 && (st.st_mode & 07777) == 0700;
}

/* Whether it was left a short while ago. When a host has gone down since, it is of the future. */
static bool is_left(int folder_fd) {
        char text[32];
        uint64_t left_us, now_us = clock_monotonic_us();

        return io_read_file(folder_fd, LEFT_NAME, text, sizeof text) > 0 &&
               parse_u64(text, &left_us) >= 0 && left_us <= now_us &&
               now_us - left_us < LEFT_TIMEOUT_US;
}

/* Removes the folder NAME in PARENT_FD unless somebody has it locked, or may come for it. */
static int sweep_one(int parent_fd, const char *name, bool is_awaited) {
        CLEANUP_CLOSE int fd = open_folder(parent_fd, name);

        if (fd < 0)
                return fd;
        if (!is_ours(fd))
                return -EBADFD;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        if (is_awaited && is_left(fd))
                return -EBUSY;

        return tree_remove(parent_fd, name);
}

/* Whether NAME is that of a folder for the same tree as LIKE: only their last parts, 16 hex digits,
 * may differ. */
static bool is_like(const char *name, const char *like) {
        size_t length = strlen(like);

        return length > SUFFIX_LENGTH && strlen(name) == length &&
               memcmp(name, like, length - SUFFIX_LENGTH) == 0 &&
               strspn(name + length - SUFFIX_LENGTH, "0123456789abcdef") == SUFFIX_LENGTH;
}

/* Records of runs do not outlive the host: what was there when it went down is found here. */
static void sweep_beside(int parent_fd, const char *like) {
        CLEANUP_CLOSE int fd = open_folder(parent_fd, ".");
        CLEANUP_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                return;
        TAKE_FD(fd);

        while ((entry = readdir(dir)))
                if (is_like(entry->d_name, like) &&
                                sweep_one(parent_fd, entry->d_name, /* is_awaited= */ true) >= 0)
                        log_debug("Removed '%s', which an earlier run left", entry->d_name);
}

/* Makes the folder and locks it. 0; -ESTALE if somebody swept it in between. */
static int make_folder(Upper *upper, const char *name) {
        struct stat ours, named;

        if (mkdirat(upper->parent_fd, name, 0700) < 0)
                return -errno;
        upper->folder_fd = open_folder(upper->parent_fd, name);
        if (upper->folder_fd < 0)
                return upper->folder_fd == -ENOENT ? -ESTALE : upper->folder_fd;
        if (flock(upper->folder_fd, LOCK_EX) < 0 || fstat(upper->folder_fd, &ours) < 0)
                return -errno;

        if (fstatat(upper->parent_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                        named.st_ino == ours.st_ino && named.st_dev == ours.st_dev)
                return 0;
        upper->folder_fd = fd_close(upper->folder_fd);
        return -ESTALE;
}

int upper_make_on_disk(Upper *upper, const char *path, const char *name) {
        int r = -ESTALE;

        if (strlen(name) >= sizeof upper->name)
                return log_error_errno(-ENAMETOOLONG, "Failed to make '%s/%s'", path, name);

        sweep_beside(upper->parent_fd, name);
        for (int tries = 0; r == -ESTALE && tries < TRIES; tries++)
                r = make_folder(upper, name);
        if (r < 0)
                return log_error_errno(r, "Failed to make '%s/%s'", path, name);

        strcpy(upper->name, name);
        return 0;
}

int upper_open_folder(Upper *upper, const char *path, const char *name) {
        int r;

        if (mkdirat(upper->parent_fd, name, 0700) < 0 && errno != EEXIST)
                return log_error_errno(-errno, "Failed to make '%s/%s'", path, name);
        upper->folder_fd = open_folder(upper->parent_fd, name);
        if (upper->folder_fd < 0)
                return log_error_errno(upper->folder_fd, "Failed to open '%s/%s'", path, name);

        if (flock(upper->folder_fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno == EWOULDBLOCK)
                        log_error("'%s/%s' is in use by another machine", path, name);
                else
                        log_error_errno(-errno, "Failed to lock '%s/%s'", path, name);
                return -EBUSY;
        }

        r = tree_remove(upper->folder_fd, UPPER_REMOVED);
        if (r < 0 && r != -ENOENT)
                return log_error_errno(r, "Failed to remove '%s/%s/" UPPER_REMOVED "'", path, name);
        return 0;
}

int upper_note_layers(Upper *upper, const StringList *layers) {
        Arena arena = { 0 };
        const char *text = "";
        char old[LAYERS_TEXT_SIZE];
        ssize_t n;
        int r = 0;

        for (size_t i = 0; i < layers->n_items; i++)
                text = arena_printf(&arena, "%s%s\n", text, layers->items[i]);

        n = io_read_file(upper->folder_fd, "layers", old, sizeof old);
        if (n > 0 && !text_equal(old, text))
                log_warning("What was changed before belongs to other layers, from '%.*s' down",
                                (int)strcspn(old, "\n"), old);
        if (n < 0 || !text_equal(old, text))
                r = io_replace_file(upper->folder_fd, "layers", text, 0600);
        if (r < 0)
                log_error_errno(r, "Failed to write down the layers of what the payload changes");

        arena_done(&arena);
        return r;
}

int upper_make_in_memory(Upper *upper, const char *options) {
        MountMessage message;

        upper->is_in_memory = true;
        upper->memory_fd = mountfd_new("tmpfs", options, 0, &message);
        if (upper->memory_fd < 0)
                return log_error_hint(upper->memory_fd, message.text[0] ? message.text : NULL,
                                "Failed to make a tmpfs for what the payload changes");

        upper->folder_fd = open_folder(upper->memory_fd, ".");
        if (upper->folder_fd < 0)
                return log_error_errno(upper->folder_fd, "Failed to open a new tmpfs");

        return 0;
}

int upper_done(Upper *upper) {
        int r = 0;

        if (upper->name[0] != '\0') {
                r = tree_remove(upper->parent_fd, upper->name);
                if (r == -ENOENT)
                        r = 0;
                if (r < 0)
                        log_error_errno(r, "Failed to remove '%s'", upper->name);
        }

        fd_close(upper->folder_fd);
        fd_close(upper->memory_fd);
        fd_close(upper->parent_fd);
        *upper = UPPER_EMPTY;
        return r;
}

/* Opens the folder that the folder PATH is in; NULL for a name that cannot be ours. */
static int open_place(Arena *arena, const char *path, const char **ret_name) {
        int fd;

        *ret_name = path_last(arena, path);
        if (!text_after(*ret_name, ".#"))
                return -EBADFD;
        fd = open(path_parent(arena, path), O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int upper_leave(Upper *upper) {
        char text[32];
        int r;

        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)clock_monotonic_us());
        r = io_replace_file(upper->folder_fd, LEFT_NAME, text, 0600);
        if (r < 0)
                log_error_errno(r, "Failed to keep '%s' for the next boot", upper->name);
        else
                upper->name[0] = '\0';
        return r < 0 ? r : upper_done(upper);
}

bool upper_is_left(const char *path) {
        Arena arena = { 0 };
        const char *name;
        CLEANUP_CLOSE int parent_fd = open_place(&arena, path, &name), fd = -EBADF;

        if (parent_fd >= 0)
                fd = open_folder(parent_fd, name);
        arena_done(&arena);
        return fd >= 0 && is_ours(fd) && is_left(fd);
}

int upper_take_over(Upper *upper, const char *path, const char *name) {
        CLEANUP_CLOSE int fd = open_folder(upper->parent_fd, name);

        if (fd < 0 || !is_ours(fd) || flock(fd, LOCK_EX | LOCK_NB) < 0 ||
                        strlen(name) >= sizeof upper->name) {
                log_warning("What the payload has changed before it rebooted is gone");
                return upper_make_on_disk(upper, path, name);
        }

        (void)unlinkat(fd, LEFT_NAME, 0); /* Its time passes anyway. */
        upper->folder_fd = TAKE_FD(fd);
        strcpy(upper->name, name);
        return 0;
}

static int sweep(Arena *arena, const char *path) {
        const char *name;
        CLEANUP_CLOSE int parent_fd = open_place(arena, path, &name);

        return parent_fd < 0 ? parent_fd : sweep_one(parent_fd, name, /* is_awaited= */ false);
}

int upper_sweep(const char *path) {
        Arena arena = { 0 };
        int r = sweep(&arena, path);

        arena_done(&arena);
        if (r == -EBADFD || r == -ENOTDIR || r == -ELOOP)
                log_warning("'%s' is not what an earlier run left there, leaving it alone", path);
        else if (r < 0 && r != -ENOENT)
                return log_error_errno(r, "Failed to remove '%s', which an earlier run left", path);

        return 0;
}
