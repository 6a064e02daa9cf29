/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/names.h"

#include <errno.h>

#include "base/text.h"

int names_find(const char *const *names, size_t n_names, const char *name) {
        for (size_t i = 0; i < n_names; i++)
                if (names[i] && text_equal(names[i], name))
                        return (int)i;

        return -EINVAL;
}

const char *names_join(Arena *arena, const char *const *names, size_t n_names) {
        const char *text = "";

        for (size_t i = 0; i < n_names; i++)
                if (names[i])
                        text = arena_printf(arena, "%s%s%s", text, text[0] ? ", " : "", names[i]);
        return text;
}
