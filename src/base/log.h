/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages to the user. The only file with process-wide mutable state: level, style and sink.
 *
 * One message is one line: what failed, the object in single quotes, the reason. Only image/ and
 * the layers above it log; the layers below return errors. Every function keeps errno.
 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/macro.h"

typedef enum {
        LOG_ERROR,   /* we stop */
        LOG_WARNING, /* we go on, differently */
        LOG_NOTICE,  /* the user asked for it or has to know it */
        LOG_DEBUG,   /* anything else; never a secret */
        LOG_LEVEL_MAX,
} LogLevel;

/* Takes one line without its newline. */
typedef void (*LogSink)(LogLevel level, const char *line, void *userdata);

/* Shows messages up to LEVEL (LOG_NOTICE at start). */
void log_set_level(LogLevel level);

/* Whether messages of LEVEL are shown at all. */
bool log_is_shown(LogLevel level);

/* What lines look like on standard error; nothing of it at start. */
enum {
        LOG_HAS_COLOR = 1 << 0,
        LOG_HAS_TIME = 1 << 1,
        LOG_HAS_PROCESS = 1 << 2,
        LOG_HAS_LOCATION = 1 << 3, /* file and line of the code */
        LOG_HAS_PRIORITY = 1 << 4, /* "<3>", as the journal reads it */
        LOG_IS_OFF = 1 << 5,
};
void log_set_style(unsigned style);

/* What systemd's variables ask for, see systemd(1): SYSTEMD_LOG_LEVEL (LOG_NOTICE if it says
 * nothing), and SYSTEMD_LOG_TARGET, _COLOR, _TIME, _LOCATION and _TID as a style. The target is
 * always standard error, or nothing. */
LogLevel log_environment_level(void);
unsigned log_environment_style(void);

/* Sends messages to SINK instead of standard error; NULL goes back. The payload's side of a start
 * uses this to let the manager print. */
void log_set_sink(LogSink sink, void *userdata);

/* Writes LINE as it is: what the manager does with a line that came from the other side. */
void log_line(LogLevel level, const char *line);

/* Formats one message of FILE:LINE; with R < 0 the reason is added. Returns R if it is negative,
 * else 0. HINT (or NULL) tells what the user can do and is added in parentheses. */
int log_write(LogLevel level,
                int r,
                const char *hint,
                const char *file,
                int line,
                const char *format,
                ...) PRINTF_LIKE(6, 7);
#define log_full(level, r, hint, ...)                                                              \
        log_write((level), (r), (hint), __FILE_NAME__, __LINE__, __VA_ARGS__)

/* The reason that R stands for, in words; never fails, any thread, no locale. */
const char *log_reason(int r);

#define log_error(...)               ((void)log_full(LOG_ERROR, 0, NULL, __VA_ARGS__))
#define log_warning(...)             ((void)log_full(LOG_WARNING, 0, NULL, __VA_ARGS__))
#define log_notice(...)              ((void)log_full(LOG_NOTICE, 0, NULL, __VA_ARGS__))
#define log_debug(...)               ((void)log_full(LOG_DEBUG, 0, NULL, __VA_ARGS__))
#define log_error_errno(r, ...)      log_full(LOG_ERROR, (r), NULL, __VA_ARGS__)
#define log_error_hint(r, hint, ...) log_full(LOG_ERROR, (r), (hint), __VA_ARGS__)
#define log_warning_errno(r, ...)    log_full(LOG_WARNING, (r), NULL, __VA_ARGS__)
#define log_debug_errno(r, ...)      log_full(LOG_DEBUG, (r), NULL, __VA_ARGS__)
