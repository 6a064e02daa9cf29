/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/device-rule.h"
#include "base/macro.h"
#include "base/path.h"
#include "base/text.h"
#include "config/value.h"

enum { PATHS_MAX = 10 };

/* A folder stands for all nodes below it. */
static const struct {
        const char *name;
        const char *paths[PATHS_MAX];
} short_names[] = {
        { "fuse", { "/dev/fuse" } },
        { "gpu", { "/dev/dri", "/dev/kfd", "/dev/nvidia*", "/dev/dxg" } },
        { "kvm", { "/dev/kvm" } },
        { "loop", { "/dev/loop-control", "/dev/loop0", "/dev/loop1", "/dev/loop2", "/dev/loop3",
                                  "/dev/loop4", "/dev/loop5", "/dev/loop6", "/dev/loop7" } },
        { "snd", { "/dev/snd" } },
        { "tun", { "/dev/net/tun" } },
};

const char *const *device_name_paths(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(short_names); i++)
                if (text_equal(short_names[i].name, name))
                        return short_names[i].paths;

        return NULL;
}

StringList value_device_words(Arena *arena) {
        StringList words = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(short_names); i++)
                string_list_add(arena, &words, short_names[i].name);

        return words;
}

static int refuse(const char **ret_reason, const char *reason) {
        *ret_reason = reason;
        return -EINVAL;
}

/* Whether every container has something at PATH, or mounts something there. */
static bool is_taken(const char *path) {
        static const char *const taken[] = { "/dev/block", "/dev/char", "/dev/console", "/dev/core",
                "/dev/fd", "/dev/mqueue", "/dev/ptmx", "/dev/pts", "/dev/shm", "/dev/stderr",
                "/dev/stdin", "/dev/stdout" };

        for (size_t i = 0; i < ELEMENTSOF(taken); i++)
                if (path_is_below(path, taken[i]))
                        return true;

        return false;
}

static int check_target(const char *target, const char **ret_reason) {
        if (!path_is_below(target, "/dev") || text_equal(target, "/dev"))
                return refuse(ret_reason,
                                "has no place below /dev inside (PATH:/dev/NAME gives it one)");
        if (is_taken(target))
                return refuse(ret_reason, "that place in /dev is taken in every container");

        return 0;
}

static int
parse_path(Arena *arena, const char *text, const char **ret_path, const char **ret_reason) {
        if (!path_is_absolute(text) || strlen(text) >= PATH_MAX)
                return refuse(ret_reason,
                                "neither an absolute path nor the name of a kind of device");
        if (!path_is_normalized(text))
                return refuse(ret_reason, "path has a '.', '..' or overlong component");

        *ret_path = path_simplify(arena, text);
        return 0;
}

static int parse_source(Arena *arena, const char *text, DeviceSpec *spec, const char **ret_reason) {
        if (text[0] == '-') {
                spec->is_optional = true;
                text++;
        }
        if (device_name_paths(text)) {
                spec->source = arena_copy(arena, text);
                return 0;
        }

        return parse_path(arena, text, &spec->source, ret_reason);
}

/* The fields behind the source: a path, an access, or one after the other. */
static int
parse_rest(Arena *arena, const StringList *fields, DeviceSpec *spec, const char **ret_reason) {
        size_t next = 1;
        int r;

        if (next < fields->n_items && fields->items[next][0] == '/') {
                r = parse_path(arena, fields->items[next++], &spec->target, ret_reason);
                if (r < 0)
                        return r;
        }
        if (next < fields->n_items && device_access_parse(fields->items[next++], &spec->access) < 0)
                return refuse(ret_reason, "neither a path nor an access of the letters r, w and m");
        if (next < fields->n_items)
                return refuse(ret_reason, "not of the form DEVICE[:PATH][:ACCESS]");

        return 0;
}

int value_device(Arena *arena, const char *text, DeviceSpecList *field, const char **ret_reason) {
        StringList fields = text_split_colons(arena, text);
        DeviceSpec spec = { 0 };
        int r;

        r = parse_source(arena, fields.n_items > 0 ? fields.items[0] : "", &spec, ret_reason);
        if (r >= 0)
                r = parse_rest(arena, &fields, &spec, ret_reason);
        if (r < 0)
                return r;

        if (spec.target && spec.source[0] != '/')
                return refuse(ret_reason, "a kind of device has a place of its own");
        if (spec.source[0] == '/') {
                r = check_target(spec.target ?: spec.source, ret_reason);
                if (r < 0)
                        return r;
        }

        field->items = arena_grow(
                        arena, field->items, field->n_items, &field->n_allocated, sizeof spec);
        field->items[field->n_items++] = spec;
        return 0;
}
