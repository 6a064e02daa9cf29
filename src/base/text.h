/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Plain text: comparing, splitting, escaping. Nothing here looks at a file or a locale.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Whether A and B are the same text; two NULLs are equal, NULL and text are not. */
bool text_equal(const char *a, const char *b);

/* The rest of TEXT behind PREFIX, or NULL if TEXT does not start with it. */
const char *text_after(const char *text, const char *prefix);

/* Whether TEXT ends with SUFFIX. */
bool text_ends_with(const char *text, const char *suffix);

/* NULL counts as empty. */
bool text_is_empty(const char *text);

/* Splits TEXT at any byte of SEPARATORS; empty words are dropped. */
StringList text_split_words(Arena *arena, const char *text, const char *separators);

/* Splits TEXT at white space; '...' and "..." keep what is in them together and are removed, also
 * inside a word. A backslash is a letter like any other. The grammar of lists in settings files.
 *
 * 0, or -EINVAL if a quote does not end. */
int text_split_quoted(Arena *arena, const char *text, StringList *ret_words);

/* Splits TEXT at every colon that is not written as "\:"; the backslash is removed. Empty fields
 * are kept: "a::b" has three. This is the grammar of all PATH:PATH:OPTIONS arguments. */
StringList text_split_colons(Arena *arena, const char *text);

/* Length of the UTF-8 sequence at the start of TEXT if it is valid and safe to print on a terminal,
 * else 0: control bytes, DEL, C1 controls, and marks that reorder or hide text. */
size_t text_printable_length(const char *text);

/* Makes TEXT safe to print on a terminal: control bytes, DEL and bytes that are not UTF-8 become
 * "\xNN". Returns TEXT itself if nothing had to change. */
const char *text_printable(Arena *arena, const char *text);

/* TEXT for a message: as text_printable(), and no more than its first 128 bytes. */
const char *text_excerpt(Arena *arena, const char *text);

/* Removes white space at both ends, in place; returns the new start. */
char *text_strip(char *text);

/* 64-bit FNV-1a of the bytes, for stable choices that are not secret (an id range by name). */
unsigned long long text_hash(const void *data, size_t size);

/* Edits needed to turn A into B (insert, delete, replace, swap neighbours), for suggestions. */
size_t text_distance(const char *a, const char *b);

/* Whether WORD may be NAME misspelt: with one wrong letter, or a few if it is long, and fewer than
 * *LEAST, which then becomes their number. Start with SIZE_MAX. */
bool text_is_misspelt(const char *word, const char *name, size_t *least);
