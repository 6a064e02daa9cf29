/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address-family.h"
#include "base/calls.h"
#include "base/namespaces.h"
#include "base/text.h"
#include "config/value-privileges.h"

/* A list with "~" in front takes away what it names, whatever other lists say. */
typedef struct {
        bool takes_away;
        StringList names; /* none only if there was no text at all */
} List;

static int read_list(Arena *arena, const char *text, List *ret, const char **ret_reason) {
        const char *rest = text_after(text, "~");

        *ret = (List){
                .takes_away = rest,
                .names = text_split_words(arena, rest ?: text, " \t"),
        };
        if (ret->names.n_items > 0 || text_is_empty(text))
                return 0;

        *ret_reason = "nothing is named";
        return -EINVAL;
}

/* The call or group that NAME may be misspelt, or NULL. */
static const char *find_similar(const char *name) {
        size_t n_calls = calls_count(), least = SIZE_MAX;
        const char *best = NULL;

        for (size_t i = 0; i < n_calls; i++)
                if (text_is_misspelt(name, call_at(i)->name, &least))
                        best = call_at(i)->name;
        for (size_t i = 0; call_group_at(i); i++)
                if (text_is_misspelt(name, call_group_at(i)->name, &least))
                        best = call_group_at(i)->name;

        return best;
}

static int check_call(Arena *arena, const char *name, const char **ret_reason) {
        const char *similar;
        size_t index;

        if (call_groups_find(name) != 0 || call_find(name, &index))
                return 0;

        similar = find_similar(name);
        *ret_reason = arena_printf(arena, "'%s' is no system call or group of them (%s)",
                        text_excerpt(arena, name),
                        similar ? arena_printf(arena, "did you mean %s?", similar)
                                : "see --system-call-filter=help");
        return -EINVAL;
}

int value_calls(Arena *arena, const char *text, CallLists *field, const char **ret_reason) {
        List list;
        int r;

        r = read_list(arena, text, &list, ret_reason);
        for (size_t i = 0; r >= 0 && i < list.names.n_items; i++)
                r = check_call(arena, list.names.items[i], ret_reason);
        if (r < 0)
                return r;

        if (text_is_empty(text))
                *field = (CallLists){ 0 };
        for (size_t i = 0; i < list.names.n_items; i++)
                string_list_add(arena, list.takes_away ? &field->removed : &field->added,
                                list.names.items[i]);
        return 0;
}

/* What WORD stands for, or false. */
typedef bool FindMask(const char *word, uint64_t *ret_mask);

static bool find_families(const char *word, uint64_t *ret_mask) {
        int family = family_find(word);

        *ret_mask = family >= 0                   ? FAMILY_BIT(family)
                    : text_equal(word, "any")     ? FAMILIES_ANY
                    : text_equal(word, "default") ? FAMILIES_DEFAULT
                                                  : 0;
        return *ret_mask != 0 || text_equal(word, "none");
}

static bool find_namespaces(const char *word, uint64_t *ret_mask) {
        *ret_mask = text_equal(word, "any") ? NAMESPACES_ALL : namespaces_find(word);
        return *ret_mask != 0 || text_equal(word, "none");
}

/* WHAT: what a word should have been, for the reason. */
static int add_masks(Arena *arena,
                const char *text,
                FindMask *find,
                const char *what,
                MaskLists *field,
                const char **ret_reason) {
        uint64_t masks = 0;
        List list;
        int r;

        r = read_list(arena, text, &list, ret_reason);
        if (r < 0)
                return r;

        for (size_t i = 0; i < list.names.n_items; i++) {
                uint64_t mask;

                if (!find(list.names.items[i], &mask)) {
                        *ret_reason = arena_printf(arena, "'%s' is no %s",
                                        text_excerpt(arena, list.names.items[i]), what);
                        return -EINVAL;
                }
                masks |= mask;
        }

        if (text_is_empty(text))
                *field = (MaskLists){ 0 };
        else if (list.takes_away)
                field->removed |= masks;
        else {
                field->allowed |= masks;
                field->has_allowed = true;
        }
        return 0;
}

int value_families(Arena *arena, const char *text, MaskLists *field, const char **ret_reason) {
        return add_masks(arena, text, find_families, "family of sockets (try AF_INET, or help)",
                        field, ret_reason);
}

int value_namespaces(Arena *arena, const char *text, MaskLists *field, const char **ret_reason) {
        return add_masks(arena, text, find_namespaces, "kind of namespace (try user, or help)",
                        field, ret_reason);
}

StringList value_calls_words(Arena *arena) {
        StringList words = { 0 };

        for (size_t i = 0; call_group_at(i); i++)
                string_list_add(arena, &words,
                                arena_printf(arena, "%s\t%s", call_group_at(i)->name,
                                                call_group_at(i)->description));
        return words;
}

StringList value_families_words(Arena *arena) {
        StringList words = { 0 }, names = family_names(arena);

        string_list_add(arena, &words, "default\tWhat systems with a network use");
        string_list_add(arena, &words, "any\tAll that the kernel has");
        string_list_add(arena, &words, "none");
        for (size_t i = 0; i < names.n_items; i++)
                string_list_add(arena, &words, names.items[i]);
        return words;
}

StringList value_namespaces_words(Arena *arena) {
        StringList words = namespaces_list(arena, NAMESPACES_ALL);

        string_list_add(arena, &words, "any");
        string_list_add(arena, &words, "none");
        return words;
}
