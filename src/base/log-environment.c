/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"

static bool parse_level(const char *text, LogLevel *ret) {
        static const struct {
                const char *name, *number;
                LogLevel level;
        } levels[] = {
                { "emerg", "0", LOG_ERROR },
                { "alert", "1", LOG_ERROR },
                { "crit", "2", LOG_ERROR },
                { "err", "3", LOG_ERROR },
                { "warning", "4", LOG_WARNING },
                { "notice", "5", LOG_NOTICE },
                { "info", "6", LOG_NOTICE },
                { "debug", "7", LOG_DEBUG },
        };

        for (size_t i = 0; i < ELEMENTSOF(levels); i++)
                if (text_equal(text, levels[i].name) || text_equal(text, levels[i].number)) {
                        *ret = levels[i].level;
                        return true;
                }

        return false;
}

/* "LEVEL", or in a list of "TARGET:LEVEL" that of the console. */
LogLevel log_environment_level(void) {
        const char *value = getenv("SYSTEMD_LOG_LEVEL");
        LogLevel level = LOG_NOTICE, console_level;
        bool has_console = false;
        Arena arena = { 0 };
        StringList words = { 0 };

        if (!text_is_empty(value))
                words = text_split_words(&arena, value, ",");
        for (size_t i = 0; i < words.n_items; i++) {
                const char *of_console = text_after(words.items[i], "console:");

                if (of_console && parse_level(of_console, &console_level))
                        has_console = true;
                else
                        (void)parse_level(words.items[i], &level); /* Else it stays as it is. */
        }
        arena_done(&arena);

        return has_console ? console_level : level;
}

unsigned log_environment_style(void) {
        static const struct {
                const char *variable;
                unsigned style;
        } flags[] = {
                { "SYSTEMD_LOG_COLOR", LOG_HAS_COLOR },
                { "SYSTEMD_LOG_TIME", LOG_HAS_TIME },
                { "SYSTEMD_LOG_LOCATION", LOG_HAS_LOCATION },
                { "SYSTEMD_LOG_TID", LOG_HAS_PROCESS },
        };
        const char *target = getenv("SYSTEMD_LOG_TARGET");
        unsigned style = 0;

        for (size_t i = 0; i < ELEMENTSOF(flags); i++) {
                const char *value = getenv(flags[i].variable);
                bool is_on;

                if (value && parse_bool(value, &is_on) >= 0 && is_on)
                        style |= flags[i].style;
        }
        if (text_equal(target, "console-prefixed"))
                style |= LOG_HAS_PRIORITY;
        if (text_equal(target, "null"))
                style |= LOG_IS_OFF;

        return style;
}
