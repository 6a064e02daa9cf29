/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages to the user. The only file with process-wide mutable state: the level and the sink.
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

/* Sends messages to SINK instead of standard error; NULL goes back. The payload's side of a start
 * uses this to let the manager print. */
void log_set_sink(LogSink sink, void *userdata);

/* Writes LINE as it is: what the manager does with a line that came from the other side. */
void log_line(LogLevel level, const char *line);

/* Formats one message; with R < 0 the reason is added. Returns R if it is negative, else 0.
 * HINT (or NULL) tells what the user can do and is added in parentheses. */
int log_full(LogLevel level, int r, const char *hint, const char *format, ...) PRINTF_LIKE(4, 5);

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
