/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/settings-unknown.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "config/options.h"

/* From systemd.nspawn(5). A key leaves this list when its option comes; a test sees to it. */
/* clang-format off */
static const char *const missing_keys[] = {
        "Network.Bridge", "Network.IPVLAN", "Network.Interface", "Network.MACVLAN",
        "Network.NamespacePath", "Network.Port", "Network.VirtualEthernet",
        "Network.VirtualEthernetExtra", "Network.Zone",
        NULL,
};
/* clang-format on */

/* The I-th key that somebody knows, ours first; NULL behind the last. */
static const char *known_key(size_t i) {
        size_t n_options;
        const Option *options = option_table(&n_options);

        if (i < n_options)
                return options[i].key ?: "";
        return missing_keys[i - n_options];
}

static bool is_in_section(const char *key, const char *section) {
        const char *rest = text_after(key, section);

        return rest && rest[0] == '.';
}

static const char *section_of(Arena *arena, const char *key) {
        return arena_copy_n(arena, key, strcspn(key, "."));
}

/* KEY without its section; "" stays "". */
static const char *name_of(const char *key) {
        const char *dot = strchr(key, '.');

        return dot ? dot + 1 : key;
}

bool settings_section_is_known(const char *name) {
        for (size_t i = 0; known_key(i); i++)
                if (is_in_section(known_key(i), name))
                        return true;

        return false;
}

const char *settings_explain_section(Arena *arena, const char *name) {
        size_t least = SIZE_MAX;
        const char *best = NULL;

        for (size_t i = 0; known_key(i); i++) {
                const char *section = section_of(arena, known_key(i));

                if (section[0] && text_is_misspelt(name, section, &least))
                        best = section;
        }

        return arena_printf(arena, "Unknown section [%s]%s", text_excerpt(arena, name),
                        best ? arena_printf(arena, " (did you mean [%s]?)", best) : "");
}

const char *settings_explain_key(Arena *arena, const char *section, const char *key) {
        const char *best = NULL, *shown = text_excerpt(arena, key);
        size_t least = SIZE_MAX;

        for (size_t i = 0; missing_keys[i]; i++)
                if (is_in_section(missing_keys[i], section) &&
                                text_equal(name_of(missing_keys[i]), key))
                        return arena_printf(arena, "%s= is not implemented yet", shown);

        for (size_t i = 0; known_key(i); i++)
                if (text_equal(name_of(known_key(i)), key))
                        return arena_printf(arena, "%s= belongs to section [%s]", shown,
                                        section_of(arena, known_key(i)));

        for (size_t i = 0; known_key(i); i++)
                if (is_in_section(known_key(i), section) &&
                                text_is_misspelt(key, name_of(known_key(i)), &least))
                        best = name_of(known_key(i));

        return arena_printf(arena, "Unknown key %s= in section [%s]%s", shown, section,
                        best ? arena_printf(arena, " (did you mean %s=?)", best) : "");
}

const char *const *settings_missing_keys(void) {
        return missing_keys;
}
