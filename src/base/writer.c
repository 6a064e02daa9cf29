/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/writer.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"

enum { INDENT = 2, REPLACEMENT = 0xfffd };

static void put(Writer *writer, const char *text, size_t length) {
        for (size_t i = 0; i < length; i++) {
                writer->text = arena_grow(&writer->arena, writer->text, writer->length,
                                &writer->n_allocated, 1);
                writer->text[writer->length++] = text[i];
        }
}

static void put_text(Writer *writer, const char *text) {
        put(writer, text, strlen(text));
}

static void put_line_start(Writer *writer, size_t depth) {
        put(writer, "\n", 1);
        for (size_t i = 0; i < depth * INDENT; i++)
                put(writer, " ", 1);
}

/* Reads the UTF-8 sequence at S. Returns its length, or 0 if there is none. */
static size_t decode(const unsigned char *s, uint32_t *ret_code) {
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t length = s[0] < 0x80             ? 1
                        : (s[0] & 0xe0) == 0xc0 ? 2
                        : (s[0] & 0xf0) == 0xe0 ? 3
                        : (s[0] & 0xf8) == 0xf0 ? 4
                                                : 0;
        uint32_t code = length == 1 ? s[0] : s[0] & (0x7fU >> length);

        for (size_t i = 1; i < length; i++) {
                if ((s[i] & 0xc0) != 0x80)
                        return 0; /* The NUL at the end stops this, too. */
                code = code << 6 | (s[i] & 0x3f);
        }
        if (length == 0 || code < smallest[length] || code > 0x10ffff ||
                        (code >= 0xd800 && code <= 0xdfff))
                return 0;

        *ret_code = code;
        return length;
}

static void put_escape(Writer *writer, uint32_t code) {
        char escape[sizeof "\\u0000"];

        if (code == '"' || code == '\\')
                (void)snprintf(escape, sizeof escape, "\\%c", (char)code);
        else if (code == '\n')
                (void)snprintf(escape, sizeof escape, "\\n");
        else if (code == '\t')
                (void)snprintf(escape, sizeof escape, "\\t");
        else
                (void)snprintf(escape, sizeof escape, "\\u%04" PRIx32, code & 0xffff);
        put_text(writer, escape);
}

/* Whether the LENGTH bytes at S, one character, stand for themselves on a terminal. */
static bool is_printable(Writer *writer, const char *s, size_t length) {
        char character[5] = { 0 };

        memcpy(character, s, length);
        return text_printable(&writer->arena, character) == character;
}

static void put_quoted(Writer *writer, const char *value) {
        put(writer, "\"", 1);
        while (*value) {
                uint32_t code = REPLACEMENT;
                size_t length = decode((const unsigned char *)value, &code);

                if (length > 1 && is_printable(writer, value, length))
                        put(writer, value, length);
                else if (length == 1 && code >= ' ' && code != 0x7f && code != '"' && code != '\\')
                        put(writer, value, 1);
                else
                        put_escape(writer, code);
                value += length > 0 ? length : 1;
        }
        put(writer, "\"", 1);
}

/* Whether VALUE can stand in the text as it is, and be found again by who reads it. */
static bool is_plain(Writer *writer, const char *value, bool is_line) {
        size_t length = strlen(value);

        if (length == 0 || strcmp(value, "-") == 0 || value[0] == ' ' || value[length - 1] == ' ')
                return false;
        if (strpbrk(value, is_line ? "\"\\,{}[] " : "\"\\"))
                return false;
        if (!is_line && (strncmp(value, "- ", 2) == 0 || strpbrk(value, "[{") == value))
                return false;

        return text_printable(&writer->arena, value) == value;
}

static WriterLevel *innermost(Writer *writer) {
        return writer->depth > 0 ? &writer->levels[writer->depth - 1] : NULL;
}

/* Everything in front of a value: separator, indentation and key. */
static void begin_element(Writer *writer, const char *key, bool is_container) {
        WriterLevel *level = innermost(writer);
        bool is_json = writer->format == WRITER_JSON;

        if (!level) {
                assert(!key && is_container && writer->length == 0);
                return;
        }
        assert(level->is_list == !key);

        if (level->n_elements++ > 0 && (is_json || level->is_line))
                put_text(writer, level->is_line ? ", " : ",");
        if (writer->is_behind_dash)
                writer->is_behind_dash = false;
        else if (!level->is_line && is_json)
                put_line_start(writer, writer->depth);
        else if (!level->is_line && writer->length > 0)
                put_line_start(writer, writer->depth - 1);

        if (key && is_json)
                put_quoted(writer, key);
        else if (key)
                put_text(writer, key);
        if (key)
                put_text(writer, is_container && !is_json ? ":" : ": ");
        else if (!level->is_line && !is_json)
                put_text(writer, is_container ? "-" : "- ");
}

void writer_init(Writer *writer, WriterFormat format) {
        *writer = (Writer){ .format = format };
}

static void begin_container(Writer *writer, const char *key, WriterLayout layout, bool is_list) {
        WriterLevel *outer = innermost(writer);
        bool is_line = layout == WRITER_LINE || (outer && outer->is_line);

        assert(writer->depth < WRITER_DEPTH_MAX);
        begin_element(writer, key, /* is_container= */ true);

        if (writer->format == WRITER_JSON)
                put_text(writer, is_list ? "[" : "{");
        else if (is_line) {
                if (outer && (key || !outer->is_line))
                        put(writer, " ", 1);
                put_text(writer, is_list ? "[" : "{");
        } else if (outer && !key && !is_list) {
                put(writer, " ", 1);
                writer->is_behind_dash = true;
        }
        writer->levels[writer->depth++] = (WriterLevel){ .is_list = is_list, .is_line = is_line };
}

void writer_begin_object(Writer *writer, const char *key, WriterLayout layout) {
        begin_container(writer, key, layout, /* is_list= */ false);
}

void writer_begin_list(Writer *writer, const char *key, WriterLayout layout) {
        begin_container(writer, key, layout, /* is_list= */ true);
}

void writer_end(Writer *writer) {
        const WriterLevel *level = innermost(writer);

        assert(level);
        writer->depth--;

        if (writer->format == WRITER_JSON) {
                if (!level->is_line && level->n_elements > 0)
                        put_line_start(writer, writer->depth);
                put_text(writer, level->is_list ? "]" : "}");
        } else if (level->is_line)
                put_text(writer, level->is_list ? "]" : "}");
        else if (level->n_elements == 0) {
                if (writer->length > 0 && !writer->is_behind_dash)
                        put(writer, " ", 1);
                writer->is_behind_dash = false;
                put_text(writer, level->is_list ? "[]" : "{}");
        }
}

void writer_string(Writer *writer, const char *key, const char *value) {
        begin_element(writer, key, /* is_container= */ false);

        if (!value)
                put_text(writer, writer->format == WRITER_JSON ? "null" : "-");
        else if (writer->format == WRITER_TEXT &&
                        is_plain(writer, value, innermost(writer)->is_line))
                put_text(writer, value);
        else
                put_quoted(writer, value);
}

void writer_number(Writer *writer, const char *key, int64_t value) {
        char text[DECIMAL_MAX];

        (void)snprintf(text, sizeof text, "%" PRId64, value); /* Always fits. */
        begin_element(writer, key, /* is_container= */ false);
        put_text(writer, text);
}

void writer_unsigned(Writer *writer, const char *key, uint64_t value) {
        char text[DECIMAL_MAX];

        (void)snprintf(text, sizeof text, "%" PRIu64, value); /* Always fits. */
        begin_element(writer, key, /* is_container= */ false);
        put_text(writer, text);
}

void writer_bool(Writer *writer, const char *key, bool value) {
        begin_element(writer, key, /* is_container= */ false);
        if (writer->format == WRITER_JSON)
                put_text(writer, value ? "true" : "false");
        else
                put_text(writer, value ? "yes" : "no");
}

void writer_strings(Writer *writer,
                const char *key,
                WriterLayout layout,
                const char *const *items,
                size_t n_items) {
        writer_begin_list(writer, key, layout);
        for (size_t i = 0; i < n_items; i++)
                writer_string(writer, NULL, items[i]);
        writer_end(writer);
}

const char *writer_finish(Writer *writer) {
        assert(writer->depth == 0 && writer->length > 0);

        if (writer->text[writer->length - 1] != '\n')
                put(writer, "\n", 1);
        put(writer, "", 1);
        writer->length--;
        return writer->text;
}

int writer_print(Writer *writer, FILE *file) {
        const char *text = writer_finish(writer);

        errno = EIO; /* in case the library does not say */
        if (fputs(text, file) < 0 || fflush(file) != 0)
                return -errno;

        return 0;
}

void writer_done(Writer *writer) {
        arena_done(&writer->arena);
        *writer = (Writer){ 0 };
}
