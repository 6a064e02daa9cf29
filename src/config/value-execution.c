/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "base/names.h"
#include "base/parse.h"
#include "base/text.h"
#include "config/value.h"

/* Longest unit name that systemd takes, UNIT_NAME_MAX without the NUL. */
enum { UNIT_NAME_LENGTH_MAX = 255 };

const char *const start_mode_names[START_MODE_MAX] = {
        [START_COMMAND] = "command",
        [START_AS_PID2] = "as-pid2",
        [START_BOOT] = "boot",
};

const char *const register_mode_names[REGISTER_MODE_MAX] = {
        [REGISTER_AUTO] = "auto",
        [REGISTER_NO] = "no",
        [REGISTER_YES] = "yes",
};

const char *const console_mode_names[CONSOLE_MODE_MAX] = {
        [CONSOLE_INTERACTIVE] = "interactive",
        [CONSOLE_READ_ONLY] = "read-only",
        [CONSOLE_PASSIVE] = "passive",
        [CONSOLE_PIPE] = "pipe",
        [CONSOLE_AUTOPIPE] = "autopipe",
};

const char *const dry_run_names[DRY_RUN_MAX] = {
        [DRY_RUN_NO] = "no",
        [DRY_RUN_TEXT] = "text",
        [DRY_RUN_JSON] = "json",
        [DRY_RUN_SECURITY] = "security",
        [DRY_RUN_SECURITY_JSON] = "security-json",
};

static int refuse(const char **ret_reason, const char *reason) {
        *ret_reason = reason;
        return -EINVAL;
}

int value_start_mode(Arena *arena, const char *text, StartMode *field, const char **ret_reason) {
        int r;

        r = value_choose(arena, start_mode_names, ELEMENTSOF(start_mode_names), text, ret_reason);
        if (r < 0)
                return r;

        /* "Not this mode" leaves room for another one. */
        if (r == START_COMMAND && *field != START_DEFAULT)
                return 0;
        if (*field != START_DEFAULT && *field != START_COMMAND && *field != (StartMode)r)
                return refuse(ret_reason, arena_printf(arena, "cannot be combined with --%s",
                                                          start_mode_names[*field]));

        *field = (StartMode)r;
        return 0;
}

int value_signal(Arena *arena, const char *text, int *field, const char **ret_reason) {
        (void)arena; /* One form for all parsers. */

        if (parse_signal(text, field) < 0)
                return refuse(ret_reason, "not a signal like TERM, SIGTERM, 15 or RTMIN+3");

        return 0;
}

StringList value_signal_words(Arena *arena) {
        StringList words = { 0 };

        for (int i = 1; i < SIGRTMIN; i++)
                if (sigabbrev_np(i))
                        string_list_add(arena, &words, sigabbrev_np(i));
        for (int i = 0; i <= SIGRTMAX - SIGRTMIN; i++)
                string_list_add(arena, &words, arena_printf(arena, "RTMIN+%d", i));

        return words;
}

/* As systemctl does: a slash becomes a dash, other bytes that no unit name has become \xNN. */
static const char *escape_unit_name(Arena *arena, const char *text) {
        static const char valid[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789:-_.\\";
        char *name = arena_allocate(arena, strlen(text) * 4 + 1);
        size_t n = 0;

        for (const char *p = text; *p; p++)
                if (*p == '/')
                        name[n++] = '-';
                else if (strchr(valid, *p))
                        name[n++] = *p;
                else
                        n += (size_t)sprintf(name + n, "\\x%02x", (unsigned char)*p);

        return name;
}

int value_slice(Arena *arena, const char *text, const char **field, const char **ret_reason) {
        const char *name;

        if (text_is_empty(text) || text_equal(text, ".slice"))
                return refuse(ret_reason, "empty slice name");
        if (strlen(text) > UNIT_NAME_LENGTH_MAX)
                return refuse(ret_reason, "slice name too long");

        name = escape_unit_name(arena, text);
        if (!text_ends_with(name, ".slice"))
                name = arena_printf(arena, "%s.slice", name);
        if (strlen(name) > UNIT_NAME_LENGTH_MAX)
                return refuse(ret_reason, "slice name too long");

        /* Dashes are levels of the tree of slices, so every level needs a name; "-.slice" is the
         * root of the tree. See systemd.slice(5). */
        if (!text_equal(name, "-.slice") &&
                        (name[0] == '-' || strstr(name, "--") || text_ends_with(name, "-.slice")))
                return refuse(ret_reason, "slice name has an empty level");

        *field = name;
        return 0;
}

int value_property(Arena *arena, const char *text, StringList *field, const char **ret_reason) {
        size_t length = strspn(
                        text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

        if (length == 0 || text[length] != '=')
                return refuse(ret_reason, "not of the form NAME=VALUE");
        if (text_printable(arena, text) != text)
                return refuse(ret_reason, "value has control bytes or is not UTF-8");

        string_list_add(arena, field, text);
        return 0;
}

int value_register_mode(Arena *arena,
                const char *text,
                RegisterMode *field,
                const char **ret_reason) {
        bool is_yes;
        int r;

        if (parse_bool(text, &is_yes) >= 0) {
                *field = is_yes ? REGISTER_YES : REGISTER_NO;
                return 0;
        }

        r = value_choose(arena, register_mode_names, ELEMENTSOF(register_mode_names), text,
                        ret_reason);
        if (r < 0)
                return r;

        *field = (RegisterMode)r;
        return 0;
}

StringList value_register_mode_words(Arena *arena) {
        return value_words(arena, register_mode_names, ELEMENTSOF(register_mode_names));
}

int value_console_mode(Arena *arena,
                const char *text,
                ConsoleMode *field,
                const char **ret_reason) {
        int r;

        r = value_choose(arena, console_mode_names, ELEMENTSOF(console_mode_names), text,
                        ret_reason);
        if (r < 0)
                return r;

        *field = (ConsoleMode)r;
        return 0;
}

StringList value_console_mode_words(Arena *arena) {
        return value_words(arena, console_mode_names, ELEMENTSOF(console_mode_names));
}

int value_dry_run(Arena *arena, const char *text, DryRun *field, const char **ret_reason) {
        int r;

        r = value_choose(arena, dry_run_names, ELEMENTSOF(dry_run_names), text, ret_reason);
        if (r < 0)
                return r;

        *field = (DryRun)r;
        return 0;
}

StringList value_dry_run_words(Arena *arena) {
        return value_words(arena, dry_run_names, ELEMENTSOF(dry_run_names));
}
