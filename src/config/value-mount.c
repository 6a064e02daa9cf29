/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Mounts as users write them: fields between colons, the last one a list of words between commas.
 * "\:" is a colon that separates nothing.
 */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "config/value.h"

static int refuse(const char **ret_reason, const char *reason) {
        *ret_reason = reason;
        return -EINVAL;
}

/* Each attribute has a word that sets it and one that clears it; the ways of access times exclude
 * each other. */
static const struct {
        const char *word;
        uint64_t set;
        uint64_t clear;
} attribute_words[] = {
        { "ro", MOUNT_ATTR_RDONLY, 0 },
        { "rw", 0, MOUNT_ATTR_RDONLY },
        { "nosuid", MOUNT_ATTR_NOSUID, 0 },
        { "suid", 0, MOUNT_ATTR_NOSUID },
        { "nodev", MOUNT_ATTR_NODEV, 0 },
        { "dev", 0, MOUNT_ATTR_NODEV },
        { "noexec", MOUNT_ATTR_NOEXEC, 0 },
        { "exec", 0, MOUNT_ATTR_NOEXEC },
        { "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0 },
        { "symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW },
        { "nodiratime", MOUNT_ATTR_NODIRATIME, 0 },
        { "diratime", 0, MOUNT_ATTR_NODIRATIME },
        { "noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
        { "strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
        { "relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
};

/* Whether WORD is one of them; a later word wins over an earlier one. */
static bool take_attribute(MountSpec *spec, const char *word) {
        for (size_t i = 0; i < ELEMENTSOF(attribute_words); i++) {
                uint64_t set = attribute_words[i].set, clear = attribute_words[i].clear;

                if (!text_equal(attribute_words[i].word, word))
                        continue;
                spec->attributes = (spec->attributes & ~clear) | set;
                spec->attributes_gone = (spec->attributes_gone & ~set) | clear;
                return true;
        }

        return false;
}

/* The fields of TEXT from the one at FIRST on, with the colons between them. */
static char *join_rest(Arena *arena, const StringList *fields, size_t first) {
        char *rest = arena_copy(arena, first < fields->n_items ? fields->items[first] : "");

        for (size_t i = first + 1; i < fields->n_items; i++)
                rest = arena_printf(arena, "%s:%s", rest, fields->items[i]);
        return rest;
}

static int
parse_target(Arena *arena, const char *text, const char **ret_target, const char **ret_reason) {
        if (!path_is_absolute(text))
                return refuse(ret_reason, "destination is not absolute");
        if (strlen(text) >= PATH_MAX)
                return refuse(ret_reason, "destination is too long");
        if (!path_is_normalized(text))
                return refuse(ret_reason, "destination has a '.', '..' or overlong component");

        *ret_target = path_simplify(arena, text);
        return 0;
}

/* The same for what cannot be the whole tree. */
static int parse_target_below(Arena *arena,
                const char *text,
                const char **ret_target,
                const char **ret_reason) {
        int r;

        r = parse_target(arena, text, ret_target, ret_reason);
        if (r < 0)
                return r;

        return text_equal(*ret_target, "/") ? refuse(ret_reason, "destination cannot be '/'") : 0;
}

static int
parse_source(Arena *arena, const char *text, MountSource *ret_source, const char **ret_reason) {
        bool is_inside = text[0] == '+';
        const char *path = text + is_inside;

        if (strlen(path) >= PATH_MAX)
                return refuse(ret_reason, "source is too long");
        if (is_inside && !path_is_absolute(path))
                return refuse(ret_reason, "source inside the tree is not absolute");

        *ret_source = (MountSource){
                .path = text[0] ? arena_copy(arena, path) : NULL,
                .is_inside = is_inside,
        };
        return 0;
}

/* FIELDS of INSIDE:OUTSIDE:COUNT; the id that means "none" may be in neither range. */
static int parse_map_range(const char *const *fields, IdRange *ret_range) {
        IdRange range;

        if (parse_id(fields[0], &range.inside) < 0 || parse_id(fields[1], &range.outside) < 0 ||
                        parse_u32(fields[2], &range.count) < 0)
                return -EINVAL;
        if (range.count == 0 || range.count > UINT32_MAX - range.inside ||
                        range.count > UINT32_MAX - range.outside)
                return -EINVAL;

        *ret_range = range;
        return 0;
}

static int
add_range(Arena *arena, IdRangeList *list, const IdRange *range, const char **ret_reason) {
        for (size_t i = 0; i < list->n_items; i++)
                if (id_range_overlaps(range, &list->items[i]))
                        return refuse(ret_reason, "ranges of map= overlap");

        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof *range);
        list->items[list->n_items++] = *range;
        return 0;
}

/* [u:|g:]INSIDE:OUTSIDE:COUNT */
static int
take_map_range(Arena *arena, MountSpec *spec, const char *text, const char **ret_reason) {
        StringList fields = text_split_colons(arena, text);
        bool is_user = text_equal(fields.items[0], "u"),
             is_group = text_equal(fields.items[0], "g");
        size_t first = is_user || is_group;
        IdRange range;
        int r = 0;

        if (fields.n_items != first + 3 || parse_map_range(fields.items + first, &range) < 0)
                return refuse(ret_reason, "map= is not of the form [u:|g:]INSIDE:OUTSIDE:COUNT");

        if (!is_group)
                r = add_range(arena, &spec->users, &range, ret_reason);
        if (r >= 0 && !is_user)
                r = add_range(arena, &spec->groups, &range, ret_reason);
        return r;
}

/* A word for the owners. Only map= can be repeated: each adds a range. */
static int take_map(Arena *arena, MountSpec *spec, const char *word, const char **ret_reason) {
        static const char *const words[SPEC_MAP_MAX] = {
                [SPEC_MAP_NONE] = "noidmap",
                [SPEC_MAP_SAME] = "idmap",
                [SPEC_MAP_ROOT] = "rootidmap",
                [SPEC_MAP_OWNER] = "owneridmap",
        };
        const char *ranges = text_after(word, "map=");

        if (ranges) {
                if (spec->map != SPEC_MAP_RANGES)
                        spec->users = spec->groups = (IdRangeList){ 0 };
                spec->map = SPEC_MAP_RANGES;
                return take_map_range(arena, spec, ranges, ret_reason);
        }

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (text_equal(words[i], word)) {
                        spec->map = (MountSpecMap)i;
                        return 0;
                }

        return refuse(ret_reason, arena_printf(arena, "unknown option '%s'", word));
}

static int
take_bind_word(Arena *arena, MountSpec *spec, const char *word, const char **ret_reason) {
        if (text_equal(word, "rbind") || text_equal(word, "norbind"))
                spec->is_recursive = text_equal(word, "rbind");
        else if (text_equal(word, "optional"))
                spec->is_optional = true;
        else if (text_equal(word, "rw") && spec->is_read_only)
                return refuse(ret_reason, "a read-only bind cannot be 'rw'");
        else if (!take_attribute(spec, word))
                return take_map(arena, spec, word, ret_reason);

        return 0;
}

static int check_bind(const MountSpec *spec, const char **ret_reason) {
        const MountSource *source = &spec->sources[0];

        if (source->is_inside && spec->map > SPEC_MAP_NONE)
                return refuse(ret_reason, "a source inside the tree has the tree's owners");
        if ((source->is_inside || !source->path) && spec->is_optional)
                return refuse(ret_reason, "only a source on the host can be 'optional'");

        return 0;
}

static void add_spec(Arena *arena, MountSpecList *list, const MountSpec *spec) {
        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof *spec);
        list->items[list->n_items++] = *spec;
}

/* SOURCE[:TARGET[:OPTIONS]] */
static int parse_bind(Arena *arena,
                const char *text,
                bool is_read_only,
                MountSpecList *field,
                const char **ret_reason) {
        StringList fields = text_split_colons(arena, text), words;
        MountSpec spec = {
                .kind = MOUNT_SPEC_BIND,
                .sources = arena_allocate(arena, sizeof(MountSource)),
                .n_sources = 1,
                .is_read_only = is_read_only,
                .is_recursive = true,
        };
        const char *target;
        int r;

        if (text[0] == '\0')
                return refuse(ret_reason, "not of the form SOURCE[:DESTINATION[:OPTIONS]]");
        r = parse_source(arena, fields.items[0], spec.sources, ret_reason);
        if (r < 0)
                return r;

        target = fields.n_items > 1 ? fields.items[1] : spec.sources->path;
        r = parse_target(arena, target ?: "", &spec.target, ret_reason);
        if (r < 0)
                return r;

        words = text_split_words(arena, join_rest(arena, &fields, 2), ",");
        for (size_t i = 0; i < words.n_items; i++) {
                r = take_bind_word(arena, &spec, words.items[i], ret_reason);
                if (r < 0)
                        return r;
        }
        r = check_bind(&spec, ret_reason);
        if (r < 0)
                return r;

        spec.is_read_only = spec.is_read_only || spec.attributes & MOUNT_ATTR_RDONLY;
        if (spec.is_read_only)
                spec.attributes |= MOUNT_ATTR_RDONLY;
        add_spec(arena, field, &spec);
        return 0;
}

int value_bind(Arena *arena, const char *text, MountSpecList *field, const char **ret_reason) {
        return parse_bind(arena, text, /* is_read_only= */ false, field, ret_reason);
}

int value_bind_read_only(Arena *arena,
                const char *text,
                MountSpecList *field,
                const char **ret_reason) {
        return parse_bind(arena, text, /* is_read_only= */ true, field, ret_reason);
}

int value_inaccessible(Arena *arena,
                const char *text,
                MountSpecList *field,
                const char **ret_reason) {
        MountSpec spec = { .kind = MOUNT_SPEC_INACCESSIBLE };
        int r;

        r = parse_target_below(arena, text, &spec.target, ret_reason);
        if (r < 0)
                return r;

        add_spec(arena, field, &spec);
        return 0;
}

static int
take_tmpfs_word(Arena *arena, MountSpec *spec, const char *word, const char **ret_reason) {
        const char *uid = text_after(word, "uid="), *gid = text_after(word, "gid=");

        if (uid) {
                spec->has_uid = true;
                return parse_id(uid, &spec->uid) < 0 ? refuse(ret_reason, "uid= is not a user id")
                                                     : 0;
        }
        if (gid) {
                spec->has_gid = true;
                return parse_id(gid, &spec->gid) < 0 ? refuse(ret_reason, "gid= is not a group id")
                                                     : 0;
        }
        if (!take_attribute(spec, word))
                spec->options = arena_printf(
                                arena, "%s%s%s", spec->options, spec->options[0] ? "," : "", word);
        return 0;
}

/* TARGET[:OPTIONS] */
int value_tmpfs(Arena *arena, const char *text, MountSpecList *field, const char **ret_reason) {
        StringList fields = text_split_colons(arena, text), words;
        MountSpec spec = {
                .kind = MOUNT_SPEC_TMPFS,
                .attributes = MOUNT_ATTR_NODEV | MOUNT_ATTR_STRICTATIME,
                .options = "",
        };
        int r;

        r = parse_target_below(arena, fields.items[0], &spec.target, ret_reason);
        if (r < 0)
                return r;

        words = text_split_words(arena, join_rest(arena, &fields, 1), ",");
        for (size_t i = 0; i < words.n_items; i++) {
                r = take_tmpfs_word(arena, &spec, words.items[i], ret_reason);
                if (r < 0)
                        return r;
        }
        if (words.n_items == 0)
                spec.options = "mode=0755";

        spec.is_read_only = spec.attributes & MOUNT_ATTR_RDONLY;
        add_spec(arena, field, &spec);
        return 0;
}

/* LOWER[:LOWER...]:UPPER:TARGET, or LOWER:UPPER, which is mounted on UPPER's path */
static int parse_overlay(Arena *arena,
                const char *text,
                bool is_read_only,
                MountSpecList *field,
                const char **ret_reason) {
        StringList fields = text_split_colons(arena, text);
        MountSpec spec = { .kind = MOUNT_SPEC_OVERLAY, .is_read_only = is_read_only };
        const char *target;
        int r;

        if (fields.n_items < 2)
                return refuse(ret_reason, "not of the form LOWER[:LOWER...]:UPPER[:DESTINATION]");

        spec.n_sources = fields.n_items == 2 ? 2 : fields.n_items - 1;
        spec.sources = arena_allocate(arena, spec.n_sources * sizeof *spec.sources);
        for (size_t i = 0; i < spec.n_sources; i++) {
                bool is_upper = i + 1 == spec.n_sources;

                if (fields.items[i][0] == '\0' && (!is_upper || fields.n_items == 2))
                        return refuse(ret_reason, "only the upper folder can be empty");
                r = parse_source(arena, fields.items[i], &spec.sources[i], ret_reason);
                if (r < 0)
                        return r;
        }

        target = fields.n_items == 2 ? spec.sources[1].path : fields.items[fields.n_items - 1];
        r = parse_target_below(arena, target, &spec.target, ret_reason);
        if (r < 0)
                return r;

        if (spec.is_read_only)
                spec.attributes = MOUNT_ATTR_RDONLY;
        add_spec(arena, field, &spec);
        return 0;
}

int value_overlay(Arena *arena, const char *text, MountSpecList *field, const char **ret_reason) {
        return parse_overlay(arena, text, /* is_read_only= */ false, field, ret_reason);
}

int value_overlay_read_only(Arena *arena,
                const char *text,
                MountSpecList *field,
                const char **ret_reason) {
        return parse_overlay(arena, text, /* is_read_only= */ true, field, ret_reason);
}
