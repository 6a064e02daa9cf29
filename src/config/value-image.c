/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "config/value.h"

const char *const ephemeral_names[EPHEMERAL_MAX] = {
        [EPHEMERAL_NO] = "no",
        [EPHEMERAL_DISK] = "disk",
        [EPHEMERAL_MEMORY] = "memory",
};

const char *const volatile_names[VOLATILE_MAX] = {
        [VOLATILE_NO] = "no",
        [VOLATILE_YES] = "yes",
        [VOLATILE_STATE] = "state",
        [VOLATILE_OVERLAY] = "overlay",
};

int value_ephemeral(Arena *arena, const char *text, Ephemeral *field, const char **ret_reason) {
        bool is_yes;
        int r;

        if (parse_bool(text, &is_yes) >= 0) {
                *field = is_yes ? EPHEMERAL_DISK : EPHEMERAL_NO;
                return 0;
        }

        r = value_choose(arena, ephemeral_names, ELEMENTSOF(ephemeral_names), text, ret_reason);
        if (r < 0)
                return r;

        *field = (Ephemeral)r;
        return 0;
}

StringList value_ephemeral_words(Arena *arena) {
        return value_words(arena, ephemeral_names, ELEMENTSOF(ephemeral_names));
}

int value_volatile(Arena *arena, const char *text, Volatile *field, const char **ret_reason) {
        bool is_yes;
        int r;

        if (parse_bool(text, &is_yes) >= 0) {
                *field = is_yes ? VOLATILE_YES : VOLATILE_NO;
                return 0;
        }

        r = value_choose(arena, volatile_names, ELEMENTSOF(volatile_names), text, ret_reason);
        if (r < 0)
                return r;

        *field = (Volatile)r;
        return 0;
}

StringList value_volatile_words(Arena *arena) {
        return value_words(arena, volatile_names, ELEMENTSOF(volatile_names));
}

int value_layer(Arena *arena, const char *text, StringList *field, const char **ret_reason) {
        const char *path = NULL;
        int r;

        r = value_host_path(arena, text, &path, ret_reason);
        if (r < 0)
                return r;

        if (path)
                string_list_add(arena, field, path);
        else
                *field = (StringList){ 0 };
        return 0;
}

static const char *check_inner_path(const char *path) {
        if (!path_is_absolute(path))
                return "not an absolute path";
        if (strlen(path) >= PATH_MAX)
                return "path too long";
        if (!path_is_normalized(path))
                return "path has a '.', '..' or overlong component";

        return NULL;
}

int value_pivot_root(Arena *arena, const char *text, PivotRoot *field, const char **ret_reason) {
        const char *colon = strchr(text, ':'), *reason;
        PivotRoot pivot = { 0 };

        if (text_is_empty(text)) {
                *field = pivot;
                return 0;
        }

        pivot.to = colon ? arena_copy_n(arena, text, (size_t)(colon - text)) : text;
        pivot.old_at = colon ? colon + 1 : NULL;
        reason = check_inner_path(pivot.to);
        if (!reason && pivot.old_at)
                reason = strchr(pivot.old_at, ':') ? "more than two paths"
                                                   : check_inner_path(pivot.old_at);
        if (reason) {
                *ret_reason = reason;
                return -EINVAL;
        }

        pivot.to = path_simplify(arena, pivot.to);
        pivot.old_at = pivot.old_at ? path_simplify(arena, pivot.old_at) : NULL;
        if (text_equal(pivot.old_at, "/")) {
                *ret_reason = "the old root cannot be shown at the root itself";
                return -EINVAL;
        }
        if (text_equal(pivot.to, "/") && !pivot.old_at)
                pivot.to = NULL;
        *field = pivot;
        return 0;
}
