/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fact-values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"
#include "config/value-privileges.h"
#include "config/value.h"
#include "test-host.h"

static int parse_word(const char *const *names, size_t n_names, const char *value, int *ret) {
        for (size_t i = 0; i < n_names; i++)
                if (text_equal(value, names[i])) {
                        *ret = (int)i;
                        return 0;
                }

        return -EINVAL;
}

int fact_parse_cgroup_host(const char *value, CgroupHost *ret_host) {
        static const char *const names[] = { "none", "systemd", "own" };
        int r, host;

        static_assert(ELEMENTSOF(names) == CGROUP_HOST_MAX, "in the order of CgroupHost");
        r = parse_word(names, ELEMENTSOF(names), value, &host);
        if (r >= 0)
                *ret_host = (CgroupHost)host;
        return r;
}

int fact_parse_api_vfs(const char *value, ApiVfs *ret_api_vfs) {
        static const char *const names[] = { "locked", "network", "writable" };
        int r, api_vfs;

        static_assert(ELEMENTSOF(names) == API_VFS_MAX, "in the order of ApiVfs");
        r = parse_word(names, ELEMENTSOF(names), value, &api_vfs);
        if (r >= 0)
                *ret_api_vfs = (ApiVfs)api_vfs;
        return r;
}

int fact_parse_entry(const char *value, EntryKind *ret_entry) {
        static const char *const names[] = { "unknown", "missing", "file", "link", "other" };
        int r, entry;

        static_assert(ELEMENTSOF(names) == ENTRY_MAX, "in the order of EntryKind");
        r = parse_word(names, ELEMENTSOF(names), value, &entry);
        if (r >= 0)
                *ret_entry = (EntryKind)entry;
        return r;
}

int fact_parse_file(Arena *arena, const char *value, HostFile *file) {
        const char *colon = strchr(value, ':');

        *file = (HostFile){ 0 };
        if (!colon)
                return value[0] ? -EINVAL : 0;

        file->name = arena_copy_n(arena, value, (size_t)(colon - value));
        file->data = arena_copy(arena, colon + 1);
        file->size = strlen(file->data);
        return 0;
}

int fact_add_source(Arena *arena, const char *value, SourceList *list) {
        static const struct {
                const char *name;
                mode_t type;
        } types[] = {
                { "dir", S_IFDIR },
                { "mount", S_IFDIR },
                { "exposed", S_IFDIR },
                { "reg", S_IFREG },
                { "chr", S_IFCHR },
                { "blk", S_IFBLK },
                { "missing", 0 },
                { "closed", 0 },
        };
        StringList words = text_split_words(arena, value, " ");
        SourceFacts source;

        if (words.n_items != 5)
                return -EINVAL;

        source = test_host_folder(arena, words.items[0]);
        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (text_equal(types[i].name, words.items[1]))
                        source.mode = types[i].type | (mode_t)strtoul(words.items[2], NULL, 8);
        source.error = text_equal(words.items[1], "missing")  ? -ENOENT
                       : text_equal(words.items[1], "closed") ? -EACCES
                                                              : 0;
        source.is_exposed = text_equal(words.items[1], "exposed");
        source.is_mount_point = text_equal(words.items[1], "mount");
        source.device = makedev(10, 200);
        if (parse_u32(words.items[3], &source.uid) < 0 ||
                        parse_u32(words.items[4], &source.gid) < 0)
                return -EINVAL;

        test_host_add_source(arena, list, &source);
        return 0;
}

int fact_add_device(Arena *arena, const char *value, DeviceFactsList *list) {
        StringList words = text_split_words(arena, value, " ");
        unsigned spec, major, minor, mode;
        DeviceFacts device = { 0 };
        char type;

        if (words.n_items < 3 || parse_u32(words.items[0], &spec) < 0)
                return -EINVAL;

        device.spec = spec;
        device.path = device.real_path = words.items[1];
        if (sscanf(value, "%*s %*s %c%u:%u %o", &type, &major, &minor, &mode) == 4) {
                device.mode = (type == 'b' ? S_IFBLK : S_IFCHR) | mode;
                device.device = makedev(major, minor);
        } else
                device.error = text_equal(words.items[2], "missing") ? -ENOENT : -ENODEV;

        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof device);
        list->items[list->n_items++] = device;
        return 0;
}

int fact_add_file(Arena *arena, const char *value, HostFileList *list) {
        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof *list->items);
        return fact_parse_file(arena, value, &list->items[list->n_items++]);
}

int fact_add_layer(Arena *arena, const char *value, RootFacts *facts) {
        StringList words = text_split_words(arena, value, " ");
        LayerFacts *layers = arena_allocate(arena, (facts->n_layers + 1) * sizeof *layers);

        if (words.n_items != 2)
                return -EINVAL;
        for (size_t i = 0; i < facts->n_layers; i++)
                layers[i] = facts->layers[i];
        layers[facts->n_layers].path = words.items[0];
        facts->layers = layers;
        return parse_u32(words.items[1], &layers[facts->n_layers++].owner_uid);
}

int fact_parse_limit(Arena *arena, const char *value, Limit *ret_limit) {
        LimitSetting setting;
        const char *reason;
        int r;

        r = value_limit_count(arena, value, &setting, &reason);
        if (r >= 0)
                *ret_limit = setting.limit;
        return r;
}

int fact_add_account(Arena *arena, const char *value, AccountList *list) {
        StringList words = text_split_colons(arena, value);

        if (words.n_items != 2)
                return -EINVAL;

        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof *list->items);
        list->items[list->n_items].name = words.items[0];
        return parse_u32(words.items[1], &list->items[list->n_items++].id);
}

int fact_add_host_user(Arena *arena, const char *value, HostUserList *list) {
        StringList words = text_split_colons(arena, value);
        HostUser *user;

        if (words.n_items != 8)
                return -EINVAL;

        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof *list->items);
        user = &list->items[list->n_items++];
        *user = (HostUser){
                .name = words.items[0],
                .real_name = words.items[3][0] ? words.items[3] : NULL,
                .home = words.items[4],
                .shell = words.items[5],
                .password_hash = words.items[6][0] ? words.items[6] : NULL,
        };
        if (words.items[7][0])
                string_list_add(arena, &user->ssh_keys, words.items[7]);
        return parse_u32(words.items[1], &user->uid) < 0 ? -EINVAL
                                                         : parse_u32(words.items[2], &user->gid);
}
