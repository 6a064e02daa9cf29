/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/submounts.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/mountinfo.h"
#include "base/path.h"
#include "base/text.h"

/* Of these the payload has its own, in any tree. */
static const char *const own_mounts[] = { "proc", "sys", "dev", "run", "tmp" };

static bool is_own(Arena *arena, const char *tree, const char *mount) {
        for (size_t i = 0; i < ELEMENTSOF(own_mounts); i++)
                if (path_is_below(mount, path_join(arena, tree, own_mounts[i])))
                        return true;

        return false;
}

static bool is_listed(const StringList *list, const char *mount) {
        for (size_t i = 0; i < list->n_items; i++)
                if (path_is_below(mount, list->items[i]))
                        return true;

        return false;
}

/* In the order of the file a mount comes behind the one that it is on. */
int submounts_list(const char *path, Arena *arena, StringList *mounts) {
        CLEANUP_FILE FILE *file = fopen("/proc/self/mountinfo", "re");
        CLEANUP_FREE char *line = NULL;
        size_t size = 0;

        if (!file)
                return log_error_errno(-errno, "Failed to open '/proc/self/mountinfo'");

        while (getline(&line, &size, file) > 0) {
                MountInfo mount;

                if (!mountinfo_parse(line, &mount))
                        continue;
                if (path_is_below(mount.target, path) && !text_equal(mount.target, path) &&
                                !is_own(arena, path, mount.target) &&
                                !is_listed(mounts, mount.target))
                        string_list_add(arena, mounts, mount.target);
        }

        return 0;
}
