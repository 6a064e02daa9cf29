/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/macro.h"
#include "base/names.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "config/value.h"

const char *const settings_mode_names[SETTINGS_MODE_MAX] = {
        [SETTINGS_YES] = "yes",
        [SETTINGS_NO] = "no",
        [SETTINGS_OVERRIDE] = "override",
        [SETTINGS_TRUSTED] = "trusted",
};

static int refuse(const char **ret_reason, const char *reason) {
        *ret_reason = reason;
        return -EINVAL;
}

int value_bool(Arena *arena, const char *text, bool *field, const char **ret_reason) {
        (void)arena; /* One form for all parsers. */

        if (parse_bool(text, field) < 0)
                return refuse(ret_reason, "neither yes nor no");

        return 0;
}

StringList value_bool_words(Arena *arena) {
        static const char *const words[] = { "yes", "no" };

        return value_words(arena, words, ELEMENTSOF(words));
}

int value_tristate(Arena *arena, const char *text, Tristate *field, const char **ret_reason) {
        bool is_yes;
        int r;

        r = value_bool(arena, text, &is_yes, ret_reason);
        if (r < 0)
                return r;

        *field = is_yes ? TRISTATE_YES : TRISTATE_NO;
        return 0;
}

int value_time_us(Arena *arena, const char *text, int64_t *field, const char **ret_reason) {
        int r;

        (void)arena; /* One form for all parsers. */

        r = parse_time_us(text, field);
        if (r == -ERANGE)
                return refuse(ret_reason, "time out of range");
        if (r < 0)
                return refuse(ret_reason, "not a time like 90, 1.5h, 30min or -2d");

        return 0;
}

int value_host_path(Arena *arena, const char *text, const char **field, const char **ret_reason) {
        if (strlen(text) >= PATH_MAX)
                return refuse(ret_reason, "path too long");

        *field = text_is_empty(text) ? NULL : arena_copy(arena, text);
        return 0;
}

int value_payload_folder(Arena *arena,
                const char *text,
                const char **field,
                const char **ret_reason) {
        static const char *const forbidden[] = { "/proc", "/sys", "/dev" };
        const char *path;

        if (!path_is_absolute(text))
                return refuse(ret_reason, "not an absolute path");
        if (strlen(text) >= PATH_MAX)
                return refuse(ret_reason, "path too long");
        if (!path_is_normalized(text))
                return refuse(ret_reason, "path has a '.', '..' or overlong component");

        path = path_simplify(arena, text);
        for (size_t i = 0; i < ELEMENTSOF(forbidden); i++)
                if (path_is_below(path, forbidden[i]))
                        return refuse(ret_reason, "may not lie below /proc, /sys or /dev");

        *field = path;
        return 0;
}

int value_word(Arena *arena, const char *text, StringList *field, const char **ret_reason) {
        (void)ret_reason; /* Any text is a word. */

        string_list_add(arena, field, text);
        return 0;
}

bool variable_name_is_valid(const char *name, size_t length) {
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
        size_t n;

        if (length == 0 || !strchr(letters, name[0]))
                return false;

        n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
        return n >= length;
}

int value_environment(Arena *arena, const char *text, StringList *field, const char **ret_reason) {
        const char *equals = strchr(text, '=');

        if (!equals)
                return refuse(ret_reason, "not of the form NAME=VALUE");
        if (!variable_name_is_valid(text, (size_t)(equals - text)))
                return refuse(ret_reason, "not a variable name in front of '='");

        string_list_set_variable(arena, field, text);
        return 0;
}

int value_choose(Arena *arena,
                const char *const *names,
                size_t n_names,
                const char *text,
                const char **ret_reason) {
        int r;

        r = names_find(names, n_names, text);
        if (r < 0)
                return refuse(ret_reason, arena_printf(arena, "not one of %s",
                                                          names_join(arena, names, n_names)));

        return r;
}

StringList value_words(Arena *arena, const char *const *names, size_t n_names) {
        StringList words = { 0 };

        for (size_t i = 0; i < n_names; i++)
                if (names[i])
                        string_list_add(arena, &words, names[i]);

        return words;
}

int value_settings_mode(Arena *arena,
                const char *text,
                SettingsMode *field,
                const char **ret_reason) {
        bool is_yes;
        int r;

        if (parse_bool(text, &is_yes) >= 0) {
                *field = is_yes ? SETTINGS_YES : SETTINGS_NO;
                return 0;
        }

        r = value_choose(arena, settings_mode_names, ELEMENTSOF(settings_mode_names), text,
                        ret_reason);
        if (r < 0)
                return r;

        *field = (SettingsMode)r;
        return 0;
}

StringList value_settings_mode_words(Arena *arena) {
        return value_words(arena, settings_mode_names, ELEMENTSOF(settings_mode_names));
}
