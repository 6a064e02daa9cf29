/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One document, written by the same calls either as text for people or as JSON for programs.
 *
 * The text is stable and indented by two spaces, "key: value" and "- element"; a container that
 * was begun with WRITER_LINE stays on one line in both formats. Values that could be taken for
 * something else, or that could do something to a terminal, are quoted and escaped as in JSON.
 *
 *         writer_begin_object(&writer, NULL, WRITER_BLOCK);
 *         writer_string(&writer, "name", "web");
 *         writer_begin_list(&writer, "ports", WRITER_LINE);
 *         writer_number(&writer, NULL, 80);
 *         writer_end(&writer);
 *         writer_end(&writer);
 *
 * gives "name: web\nports: [80]\n" or {"name": "web", "ports": [80]} with line breaks.
 *
 * A document is one object or one list. Every call takes a key inside an object and NULL inside a
 * list and at the top; anything else is a bug and ends in an assertion.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"

typedef enum {
        WRITER_TEXT,
        WRITER_JSON,
        WRITER_FORMAT_MAX,
} WriterFormat;

typedef enum {
        WRITER_BLOCK, /* a line for each element, unless what it is in is on one line */
        WRITER_LINE,
        WRITER_LAYOUT_MAX,
} WriterLayout;

enum { WRITER_DEPTH_MAX = 8 };

typedef struct {
        bool is_list;
        bool is_line;
        size_t n_elements;
} WriterLevel;

typedef struct {
        Arena arena; /* owns the text */
        WriterFormat format;
        char *text;
        size_t length, n_allocated;
        WriterLevel levels[WRITER_DEPTH_MAX];
        size_t depth;
        bool is_behind_dash; /* the next key goes on the line of its object's "- " */
} Writer;

/* Starts an empty document. */
void writer_init(Writer *writer, WriterFormat format);

void writer_begin_object(Writer *writer, const char *key, WriterLayout layout);
void writer_begin_list(Writer *writer, const char *key, WriterLayout layout);

/* Ends the innermost object or list. */
void writer_end(Writer *writer);

/* A string; NULL is "nothing": null, or "-" as text. In JSON what is not UTF-8 becomes U+FFFD (the
 * replacement character), a byte at a time, and what a terminal would not show is "\uNNNN". */
void writer_string(Writer *writer, const char *key, const char *value);

void writer_number(Writer *writer, const char *key, int64_t value);
void writer_unsigned(Writer *writer, const char *key, uint64_t value);

/* true and false, or yes and no. */
void writer_bool(Writer *writer, const char *key, bool value);

/* A list of strings. */
void writer_strings(Writer *writer,
                const char *key,
                WriterLayout layout,
                const char *const *items,
                size_t n_items);

/* Ends the document, which must be complete; the text with its last newline lives as long as
 * WRITER. */
const char *writer_finish(Writer *writer);

/* writer_finish(), written to FILE and flushed. 0, or -errno (-ENOSPC, -EPIPE …). */
int writer_print(Writer *writer, FILE *file);

void writer_done(Writer *writer);
