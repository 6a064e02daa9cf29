/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"

/* The second is for all that stands around a line. */
enum { LINE_SIZE = 2048, PREFIX_SIZE = 128 };

static LogLevel maximum_level = LOG_NOTICE;
static unsigned current_style;
static LogSink current_sink;
static void *current_userdata;

void log_set_level(LogLevel level) {
        maximum_level = level;
}

bool log_is_shown(LogLevel level) {
        return level <= maximum_level && !(current_style & LOG_IS_OFF);
}

void log_set_style(unsigned style) {
        current_style = style;
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

static size_t append(char *text, size_t n, const char *more) {
        size_t length = strlen(more);

        memcpy(text + n, more, length);
        return n + length;
}

/* When, and which process. */
static size_t copy_context(char *text) {
        time_t now = time(NULL);
        struct tm local;
        size_t n = 0;

        if (current_style & LOG_HAS_TIME && localtime_r(&now, &local))
                n += strftime(text, PREFIX_SIZE / 2, "%Y-%m-%d %H:%M:%S ", &local);
        if (current_style & LOG_HAS_PROCESS)
                n += (size_t)snprintf(text + n, PREFIX_SIZE / 4, "(%d) ", (int)getpid());

        return n;
}

void log_line(LogLevel level, const char *line) {
        /* The journal reads these prefixes, see sd-daemon(3). */
        static const char *const priorities[] = { "<3>", "<4>", "<5>", "<7>" };
        static const char *const colors[] = { "\x1b[1;31m", "\x1b[1;33m", "\x1b[1m", "\x1b[90m" };
        static_assert(ELEMENTSOF(priorities) == LOG_LEVEL_MAX, "one prefix per level");
        static_assert(ELEMENTSOF(colors) == LOG_LEVEL_MAX, "one color per level");
        bool has_priority = current_style & LOG_HAS_PRIORITY || getenv("JOURNAL_STREAM");
        bool has_color = current_style & LOG_HAS_COLOR;
        char text[LINE_SIZE + PREFIX_SIZE];
        int saved_errno = errno;
        size_t n = 0;

        if (!log_is_shown(level))
                return;

        if (has_priority)
                n = append(text, n, priorities[level]);
        n += copy_context(text + n);
        if (has_color)
                n = append(text, n, colors[level]);
        n += copy_printable(text + n, LINE_SIZE, line);
        if (has_color)
                n = append(text, n, "\x1b[0m");
        n = append(text, n, line_end());
        (void)io_write_all(STDERR_FILENO, text, n);
        errno = saved_errno; /* Nobody can be told that telling failed. */
}

const char *log_reason(int r) {
        return strerrordesc_np(r < 0 ? -r : r) ?: "Unknown error";
}

int log_write(LogLevel level,
                int r,
                const char *hint,
                const char *file,
                int line_number,
                const char *format,
                ...) {
        char line[LINE_SIZE];
        int saved_errno = errno;
        size_t length = 0;
        va_list arguments;

        if (level > maximum_level)
                return MIN_OF(r, 0);

        if (current_style & LOG_HAS_LOCATION)
                length = (size_t)snprintf(line, sizeof line, "%s:%d: ", file, line_number);
        va_start(arguments, format);
        (void)vsnprintf(line + length, sizeof line - length, format, arguments); /* May be cut. */
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
