/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"

enum { LINE_SIZE = 2048 };

static LogLevel maximum_level = LOG_NOTICE;
static LogSink current_sink;
static void *current_userdata;

void log_set_level(LogLevel level) {
        maximum_level = level;
}

void log_set_sink(LogSink sink, void *userdata) {
        current_sink = sink;
        current_userdata = userdata;
}

/* A terminal in raw mode, as the console has it while a machine runs, needs the carriage return. */
static const char *line_end(void) {
        struct termios attributes;

        return tcgetattr(STDERR_FILENO, &attributes) == 0 && !(attributes.c_oflag & OPOST) ? "\r\n"
                                                                                           : "\n";
}

/* Copies LINE with everything escaped that a terminal could act on: names and paths in messages may
 * come from a tree. Cuts what is too long. */
static size_t copy_printable(char *text, size_t size, const char *line) {
        size_t n = 0;

        while (*line && n + 4 < size) {
                size_t length = text_printable_length(line);

                if (length == 0)
                        n += (size_t)snprintf(
                                        text + n, size - n, "\\x%02x", (unsigned char)*line++);
                for (; length > 0; length--)
                        text[n++] = *line++;
        }

        return n;
}

void log_line(LogLevel level, const char *line) {
        /* The journal reads these prefixes, see sd-daemon(3). */
        static const char *const priorities[] = { "<3>", "<4>", "<5>", "<7>" };
        static_assert(ELEMENTSOF(priorities) == LOG_LEVEL_MAX, "one prefix per level");
        const char *prefix = getenv("JOURNAL_STREAM") ? priorities[level] : "", *end = line_end();
        char text[LINE_SIZE + 8];
        int saved_errno = errno;
        size_t n;

        if (level > maximum_level)
                return;

        n = strlen(prefix);
        memcpy(text, prefix, n);
        n += copy_printable(text + n, LINE_SIZE, line);
        memcpy(text + n, end, strlen(end));
        (void)io_write_all(STDERR_FILENO, text, n + strlen(end));
        errno = saved_errno; /* Nobody can be told that telling failed. */
}

const char *log_reason(int r) {
        return strerrordesc_np(r < 0 ? -r : r) ?: "Unknown error";
}

int log_full(LogLevel level, int r, const char *hint, const char *format, ...) {
        char line[LINE_SIZE];
        int saved_errno = errno;
        size_t length;
        va_list arguments;

        if (level > maximum_level)
                return MIN_OF(r, 0);

        va_start(arguments, format);
        (void)vsnprintf(line, sizeof line, format, arguments); /* A long line is cut. */
        va_end(arguments);

        length = strlen(line);
        if (r < 0)
                length += (size_t)snprintf(
                                line + length, sizeof line - length, ": %s", log_reason(r));
        length = MIN_OF(length, sizeof line - 1);
        if (hint)
                (void)snprintf(line + length, sizeof line - length, " (%s)", hint);

        if (current_sink)
                current_sink(level, line, current_userdata);
        else
                log_line(level, line);

        errno = saved_errno;
        return MIN_OF(r, 0);
}
