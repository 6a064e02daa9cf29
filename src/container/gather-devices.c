/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/gather-devices.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/path.h"

/* Of folders in folders. */
enum { DEPTH_MAX = 8 };

static void add(Facts *facts, DeviceFacts *device) {
        DeviceFactsList *list = &facts->devices;
        CLEANUP_FREE char *real_path = realpath(device->path, NULL);

        device->real_path = arena_copy(&facts->arena, real_path ?: device->path);
        list->items = arena_grow(&facts->arena, list->items, list->n_items, &list->n_allocated,
                        sizeof *device);
        list->items[list->n_items++] = *device;
}

static bool is_node(mode_t mode) {
        return S_ISCHR(mode) || S_ISBLK(mode);
}

/* The nodes below FOLDER, in the order of their names: a plan is the same each time. */
static void add_below(Facts *facts, size_t spec, const char *folder, unsigned depth) {
        struct dirent **entries;
        int n = scandir(folder, &entries, NULL, alphasort);

        for (int i = 0; i < n; i++) {
                DeviceFacts device = { .spec = spec };
                struct stat st;

                device.path = path_join(&facts->arena, folder, entries[i]->d_name);
                if (entries[i]->d_name[0] != '.' && lstat(device.path, &st) == 0) {
                        device.mode = st.st_mode;
                        device.device = st.st_rdev;
                        if (is_node(st.st_mode))
                                add(facts, &device);
                        else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
                                add_below(facts, spec, device.path, depth + 1);
                }
                free(entries[i]);
        }
        if (n >= 0)
                free(entries);
}

static void add_path(Facts *facts, size_t spec, const char *path) {
        DeviceFacts device = { .spec = spec, .path = arena_copy(&facts->arena, path) };
        struct stat st;

        if (stat(path, &st) < 0)
                device.error = -errno;
        else if (S_ISDIR(st.st_mode)) {
                add_below(facts, spec, device.path, 0);
                return;
        } else if (!is_node(st.st_mode))
                device.error = -ENODEV;
        else {
                device.mode = st.st_mode;
                device.device = st.st_rdev;
        }

        add(facts, &device);
}

/* Of a kind of device only what there is. */
static void add_matches(Facts *facts, size_t spec, const char *pattern) {
        glob_t matches;

        if (glob(pattern, 0, NULL, &matches) != 0)
                return;

        for (size_t i = 0; i < matches.gl_pathc; i++)
                add_path(facts, spec, matches.gl_pathv[i]);
        globfree(&matches);
}

void gather_devices(const Config *config, Facts *facts) {
        const DeviceSpecList *specs = &config->devices;

        for (size_t i = 0; i < specs->n_items; i++) {
                const char *const *path = device_name_paths(specs->items[i].source);

                if (!path)
                        add_path(facts, i, specs->items[i].source);
                for (; path && *path; path++)
                        add_matches(facts, i, *path);
        }
}
