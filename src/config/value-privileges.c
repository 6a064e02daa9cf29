/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "base/capability.h"
#include "base/macro.h"
#include "base/text.h"
#include "config/value-privileges.h"

/* Adds the capabilities that TEXT lists to MASK; "all" only if that may be. */
static int add_capabilities(Arena *arena,
                const char *text,
                bool may_be_all,
                uint64_t *mask,
                const char **ret_reason) {
        StringList words = text_split_words(arena, text, ", \t");
        uint64_t added = 0;

        if (words.n_items == 0) {
                *ret_reason = "no capability is named";
                return -EINVAL;
        }

        for (size_t i = 0; i < words.n_items; i++) {
                int capability = capability_find(words.items[i]);

                if (may_be_all && text_equal(words.items[i], "all")) {
                        added = CAPABILITIES_ALL;
                        continue;
                }
                if (capability < 0) {
                        *ret_reason = arena_printf(arena,
                                        "'%s' is no capability (try CAP_SYS_TIME, or help)",
                                        text_printable(arena, words.items[i]));
                        return -EINVAL;
                }
                added |= CAPABILITY_BIT(capability);
        }

        *mask |= added;
        return 0;
}

static StringList capability_words(Arena *arena, bool may_be_all) {
        StringList words = { 0 };

        if (may_be_all)
                string_list_add(arena, &words, "all");
        for (unsigned i = 0; i < CAPABILITY_NAMES; i++)
                string_list_add(arena, &words, capability_name(i));
        return words;
}

int value_capabilities(Arena *arena, const char *text, uint64_t *field, const char **ret_reason) {
        return add_capabilities(arena, text, /* may_be_all= */ true, field, ret_reason);
}

int value_named_capabilities(Arena *arena,
                const char *text,
                uint64_t *field,
                const char **ret_reason) {
        return add_capabilities(arena, text, /* may_be_all= */ false, field, ret_reason);
}

StringList value_capabilities_words(Arena *arena) {
        return capability_words(arena, /* may_be_all= */ true);
}

StringList value_named_capabilities_words(Arena *arena) {
        return capability_words(arena, /* may_be_all= */ false);
}

int value_personality(Arena *arena,
                const char *text,
                Architecture *field,
                const char **ret_reason) {
        int r;

        r = value_choose(arena, architecture_names, ELEMENTSOF(architecture_names), text,
                        ret_reason);
        if (r < 0)
                return r;

        *field = (Architecture)r;
        return 0;
}

StringList value_personality_words(Arena *arena) {
        return value_words(arena, architecture_names, ELEMENTSOF(architecture_names));
}
