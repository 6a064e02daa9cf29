/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/settings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "config/settings-file.h"

/* Limits for all files of one place together: who owns a tree shall not keep us busy. */
enum {
        TRUSTED_BYTES_MAX = 1024 * 1024,
        UNTRUSTED_BYTES_MAX = 64 * 1024,
        DROP_INS_MAX = 256,
};

static const char hint[] = "--settings=no does without";

typedef struct {
        const char *path;
        int fd;        /* -EBADF: there is no such folder */
        DIR *drop_ins; /* NULL: none */
        bool is_trusted;
        size_t n_bytes_left;
} Place;

enum { PLACE_ETC, PLACE_RUN, PLACE_BESIDE, PLACE_MAX };

typedef struct {
        Place *place;
        int folder_fd;    /* borrowed */
        const char *name; /* in that folder; by which drop-ins are sorted */
        const char *path; /* for messages */
} File;

typedef struct {
        Config *config;
        Notes *notes;
        const char *file_name; /* NAME.nspawn */
        Place places[PLACE_MAX];
        File *drop_ins;
        size_t n_drop_ins, n_drop_ins_allocated;
} Search;

static int open_place(Place *place) {
        place->fd = open(place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (place->fd < 0 && errno != ENOENT)
                return log_error_hint(
                                -errno, hint, "Failed to open settings folder '%s'", place->path);

        return 0;
}

static int open_places(Search *search, const RootFacts *facts) {
        int r;

        search->places[PLACE_ETC].path = "/etc/systemd/nspawn";
        search->places[PLACE_RUN].path = "/run/systemd/nspawn";
        for (int i = 0; i < PLACE_BESIDE; i++) {
                search->places[i].is_trusted = true;
                search->places[i].n_bytes_left = TRUSTED_BYTES_MAX;
                r = open_place(&search->places[i]);
                if (r < 0)
                        return r;
        }

        if (facts->is_host_root)
                return 0;
        search->places[PLACE_BESIDE].path = path_parent(&search->config->arena, facts->named_path);
        search->places[PLACE_BESIDE].n_bytes_left = UNTRUSTED_BYTES_MAX;
        return open_place(&search->places[PLACE_BESIDE]);
}

/* A link to /dev/null is how an administrator hides a file. */
static bool is_null_device(const struct stat *st) {
        return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static int fail_to_read(const File *file, int r) {
        return log_error_hint(r, hint, "Failed to read settings file '%s'", file->path);
}

static int refuse_kind(const File *file, const struct stat *st) {
        log_error("Settings file '%s' is %s (%s)", file->path,
                        S_ISLNK(st->st_mode) ? "a symbolic link beside the tree"
                                             : "not a regular file",
                        hint);
        return -EBADFD;
}

/* Opens FILE for reading. 1, 0 if it does not exist or is hidden, or -errno after an error line. */
static int open_file(const File *file, int *ret_fd, struct stat *ret_st, bool *ret_is_hidden) {
        CLEANUP_CLOSE int fd = -EBADF;
        int follow = file->place->is_trusted ? 0 : O_NOFOLLOW;
        char link[64];

        /* Only looking, as opening a fifo waits and opening a device may do something. */
        *ret_is_hidden = false;
        fd = openat(file->folder_fd, file->name, O_PATH | O_CLOEXEC | follow);
        if (fd < 0)
                return errno == ENOENT ? 0 : fail_to_read(file, -errno);
        if (fstat(fd, ret_st) < 0)
                return fail_to_read(file, -errno);
        if (file->place->is_trusted && is_null_device(ret_st)) {
                *ret_is_hidden = true;
                return 0;
        }
        if (!S_ISREG(ret_st->st_mode))
                return refuse_kind(file, ret_st);

        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd); /* always fits */
        *ret_fd = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        return *ret_fd < 0 ? fail_to_read(file, -errno) : 1;
}

/* Reads FILE into the Config. 1 if it is there or hidden, 0 if not, -errno after an error line or
 * with an error note. */
static int load_file(Search *search, const File *file) {
        CLEANUP_CLOSE int fd = -EBADF;
        Place *place = file->place;
        struct stat st;
        bool is_hidden;
        char *text;
        ssize_t n;
        int r;

        r = open_file(file, &fd, &st, &is_hidden);
        if (r <= 0)
                return r < 0 ? r : is_hidden;

        if ((uint64_t)st.st_size > place->n_bytes_left)
                return fail_to_read(file, -EFBIG);
        text = arena_allocate(&search->config->arena, (size_t)st.st_size + 1);
        n = io_read_all(fd, text, (size_t)st.st_size + 1);
        if (n < 0)
                return fail_to_read(file, (int)n);
        place->n_bytes_left -= (size_t)n;

        r = settings_file_parse(search->config,
                        &(SettingsFile){
                                        .path = file->path,
                                        .text = text,
                                        .size = (size_t)n,
                                        .is_trusted = place->is_trusted,
                        },
                        search->notes);
        return r < 0 ? r : 1;
}

static int load_first(Search *search) {
        for (int i = 0; i < PLACE_MAX; i++) {
                Place *place = &search->places[i];
                File file = {
                        .place = place,
                        .folder_fd = place->fd,
                        .name = search->file_name,
                        .path = path_join(&search->config->arena, place->path ?: "",
                                        search->file_name),
                };
                int r;

                if (place->fd < 0)
                        continue;
                r = load_file(search, &file);
                if (r != 0)
                        return r;
        }

        return 0;
}

/* Adds the drop-in NAME unless an earlier place has one of that name. */
static void add_drop_in(Search *search, Place *place, const char *folder, const char *name) {
        Arena *arena = &search->config->arena;

        for (size_t i = 0; i < search->n_drop_ins; i++)
                if (text_equal(search->drop_ins[i].name, name))
                        return;

        search->drop_ins = arena_grow(arena, search->drop_ins, search->n_drop_ins,
                        &search->n_drop_ins_allocated, sizeof(File));
        search->drop_ins[search->n_drop_ins++] = (File){
                .place = place,
                .folder_fd = dirfd(place->drop_ins),
                .name = arena_copy(arena, name),
                .path = path_join(arena, folder, name),
        };
}

static int find_drop_ins(Search *search, Place *place) {
        Arena *arena = &search->config->arena;
        const char *name = arena_printf(arena, "%s.d", search->file_name);
        const char *folder = path_join(arena, place->path, name);
        int follow = place->is_trusted ? 0 : O_NOFOLLOW, fd;
        const struct dirent *entry;

        fd = openat(place->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
        if (fd < 0 && errno == ENOENT)
                return 0;
        place->drop_ins = fd < 0 ? NULL : fdopendir(fd);
        if (!place->drop_ins) {
                int r = -errno;

                (void)fd_close(fd);
                return log_error_hint(r, hint, "Failed to open settings folder '%s'", folder);
        }

        for (errno = 0; (entry = readdir(place->drop_ins)); errno = 0)
                if (entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".conf")) {
                        if (search->n_drop_ins >= DROP_INS_MAX)
                                return log_error_hint(-E2BIG, hint,
                                                "Settings folder '%s' has too many files", folder);
                        add_drop_in(search, place, folder, entry->d_name);
                }

        return errno == 0 ? 0 : log_error_errno(-errno, "Failed to list '%s'", folder);
}

static int compare_names(const void *a, const void *b) {
        return strcmp(((const File *)a)->name, ((const File *)b)->name);
}

static int load_drop_ins(Search *search) {
        int r;

        for (int i = 0; i < PLACE_MAX; i++) {
                if (search->places[i].fd < 0)
                        continue;
                r = find_drop_ins(search, &search->places[i]);
                if (r < 0)
                        return r;
        }

        if (search->n_drop_ins > 0)
                qsort(search->drop_ins, search->n_drop_ins, sizeof(File), compare_names);
        for (size_t i = 0; i < search->n_drop_ins; i++) {
                r = load_file(search, &search->drop_ins[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

static void search_done(Search *search) {
        for (int i = 0; i < PLACE_MAX; i++) {
                if (search->places[i].drop_ins)
                        (void)closedir(search->places[i].drop_ins); /* was only read */
                search->places[i].fd = fd_close(search->places[i].fd);
        }
}

int settings_load(Config *config, const RootFacts *facts, Notes *notes) {
        CLEANUP(search_done) Search search = { .config = config, .notes = notes };
        const char *name = config_machine_name(config, &config->arena, facts->name);
        int r;

        for (int i = 0; i < PLACE_MAX; i++)
                search.places[i].fd = -EBADF;
        if (config->settings_mode == SETTINGS_NO || name[0] == '\0')
                return 0;

        search.file_name = arena_printf(&config->arena, "%s.nspawn", name);
        r = open_places(&search, facts);
        if (r >= 0)
                r = load_first(&search);
        if (r >= 0)
                r = load_drop_ins(&search);
        return r < 0 ? r : 0;
}
