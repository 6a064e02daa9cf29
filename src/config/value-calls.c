/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address-family.h"
#include "base/calls.h"
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

/* The families that WORD stands for. */
static int find_families(Arena *arena, const char *word, uint64_t *ret, const char **ret_reason) {
        int family = family_find(word);

        if (family >= 0)
                *ret = FAMILY_BIT(family);
        else if (text_equal(word, "any"))
                *ret = FAMILIES_ANY;
        else if (text_equal(word, "default"))
                *ret = FAMILIES_DEFAULT;
        else if (text_equal(word, "none"))
                *ret = 0;
        else {
                *ret_reason = arena_printf(arena,
                                "'%s' is no family of sockets (try AF_INET, or help)",
                                text_excerpt(arena, word));
                return -EINVAL;
        }

        return 0;
}

int value_families(Arena *arena, const char *text, FamilyLists *field, const char **ret_reason) {
        uint64_t families = 0;
        List list;
        int r;

        r = read_list(arena, text, &list, ret_reason);
        for (size_t i = 0; r >= 0 && i < list.names.n_items; i++) {
                uint64_t mask = 0;

                r = find_families(arena, list.names.items[i], &mask, ret_reason);
                families |= mask;
        }
        if (r < 0)
                return r;

        if (text_is_empty(text))
                *field = (FamilyLists){ 0 };
        else if (list.takes_away)
                field->removed |= families;
        else {
                field->allowed |= families;
                field->has_allowed = true;
        }
        return 0;
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
