/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/settings-file.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "base/text.h"
#include "config/set.h"
#include "config/settings-unknown.h"

/* A file that is more wrong than this is none of ours: a hostile one shall not fill the screen. */
enum { NOTES_MAX = 50 };

typedef struct {
        Config *config;
        const SettingsFile *file;
        Notes *notes;
        OptionOrigin origin; /* of the line at hand */

        const char *next, *end; /* what was not read yet */
        unsigned long n_lines;  /* that were read */
        char *line;          /* the line at hand, its continuations joined; as long as the file */
        const char *section; /* NULL: none yet */
        bool is_skipping;    /* the section means nothing to us */
} Parser;

/* Something is wrong with the line at hand. */
static int complain(Parser *parser, const char *what) {
        Arena *arena = &parser->config->arena;

        if (!parser->config->as_nspawn)
                return notes_fail(parser->notes, arena, -EINVAL, "%s: %s", parser->origin.source,
                                what);

        notes_add(parser->notes, arena, LOG_WARNING, "%s: %s, ignoring", parser->origin.source,
                        what);
        return 0;
}

static void warn(Parser *parser, const char *what) {
        notes_add(parser->notes, &parser->config->arena, LOG_WARNING, "%s: %s, ignoring",
                        parser->origin.source, what);
}

/* What config_set() refused: its note becomes a warning where such a line is only skipped. */
static int forgive(Parser *parser, int r) {
        Note *note;

        if (r >= 0 || !parser->config->as_nspawn)
                return r;

        note = &parser->notes->items[parser->notes->n_items - 1];
        *note = (Note){
                .level = LOG_WARNING,
                .text = arena_printf(&parser->config->arena, "%s, ignoring", note->text),
        };
        return 0;
}

/* Whether the LENGTH bytes at LINE end in a backslash that is not itself behind one. */
static bool is_continued(const char *line, size_t length) {
        size_t n = 0;

        while (n < length && line[length - 1 - n] == '\\')
                n++;
        return n % 2 == 1;
}

/* Takes the next line of the file, without white space in front and its end. */
static const char *next_physical_line(Parser *parser, size_t *ret_length) {
        const char *line = parser->next, *newline;

        if (line == parser->end)
                return NULL;

        newline = memchr(line, '\n', (size_t)(parser->end - line));
        parser->next = newline ? newline + 1 : parser->end;
        parser->n_lines++;

        *ret_length = (size_t)((newline ?: parser->end) - line);
        if (*ret_length > 0 && line[*ret_length - 1] == '\r')
                --*ret_length;
        while (*ret_length > 0 && (*line == ' ' || *line == '\t')) {
                line++;
                --*ret_length;
        }
        return line;
}

/* Fills parser->line with the next line that is no comment, joined with what continues it; comments
 * in between are skipped. False at the end of the file. */
static bool next_line(Parser *parser) {
        const char *line;
        size_t n = 0, length;
        bool is_begun = false;

        while ((line = next_physical_line(parser, &length))) {
                bool goes_on;

                if (length > 0 && (*line == '#' || *line == ';'))
                        continue;
                if (!is_begun)
                        parser->origin.source = arena_printf(&parser->config->arena, "%s:%lu",
                                        parser->file->path, parser->n_lines);
                is_begun = true;

                goes_on = is_continued(line, length);
                memcpy(parser->line + n, line, length);
                n += length;
                if (!goes_on)
                        break;
                parser->line[n - 1] = ' ';
        }

        parser->line[n] = '\0';
        return is_begun;
}

static int parse_section(Parser *parser, char *line) {
        size_t length = strlen(line);

        parser->is_skipping = true;
        if (line[length - 1] != ']')
                return complain(parser, "Section without a ']' at its end");

        line[length - 1] = '\0';
        parser->section = arena_copy(&parser->config->arena, line + 1);
        if (settings_section_is_known(parser->section))
                parser->is_skipping = false;
        else if (!text_after(parser->section, "X-")) /* By systemd's rule these are for others. */
                warn(parser, settings_explain_section(&parser->config->arena, parser->section));
        return 0;
}

static int set(Parser *parser, const Option *option, const char *text) {
        return forgive(parser,
                        config_set(parser->config, option, text, &parser->origin, parser->notes));
}

static int set_flag(Parser *parser, const Option *option, const char *value) {
        const char *key = strchr(option->key, '.') + 1;
        bool is_yes;

        if (parse_bool(value, &is_yes) < 0)
                return complain(parser, arena_printf(&parser->config->arena,
                                                        "%s=: neither yes nor no", key));

        return set(parser, option, is_yes ? option->text : option->text_no ?: "no");
}

static int set_words(Parser *parser, const Option *option, const char *value) {
        const char *key = strchr(option->key, '.') + 1;
        StringList words;
        int r;

        if (text_split_quoted(&parser->config->arena, value, &words) < 0)
                return complain(parser, arena_printf(&parser->config->arena,
                                                        "%s=: a quote does not end", key));

        for (size_t i = 0; i < words.n_items; i++) {
                r = set(parser, option, words.items[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int parse_assignment(Parser *parser, char *line) {
        Arena *arena = &parser->config->arena;
        char *equals = strchr(line, '='), *key, *value;
        const Option *option;

        if (!equals)
                return complain(parser, "Neither a section nor of the form KEY=VALUE");
        *equals = '\0';
        key = text_strip(line);
        value = arena_copy(arena, text_strip(equals + 1)); /* The buffer is used again. */

        option = option_find_key(arena_printf(arena, "%s.%s", parser->section, key));
        if (!option) {
                warn(parser, settings_explain_key(arena, parser->section, key));
                return 0;
        }

        parser->origin.place = arena_printf(arena, "%s: %s=", parser->origin.source, key);
        if (value[0] == '\0') {
                config_reset(parser->config, option, &parser->origin, parser->notes);
                return 0;
        }
        if (option->flags & OPTION_FLAG)
                return set_flag(parser, option, value);
        if (option->flags & OPTION_WORDS)
                return set_words(parser, option, value);

        return set(parser, option, value);
}

static int parse_line(Parser *parser) {
        char *line = text_strip(parser->line);

        if (line[0] == '\0')
                return 0;
        if (line[0] == '[')
                return parse_section(parser, line);
        if (parser->is_skipping)
                return 0;
        if (!parser->section)
                return complain(parser, "Not in a section like [Exec]");
        return parse_assignment(parser, line);
}

static void set_origin(Parser *parser) {
        SettingsMode mode = parser->config->settings_mode;
        bool is_trusted = parser->file->is_trusted || mode == SETTINGS_TRUSTED;

        parser->origin.is_trusted = is_trusted;
        if (mode == SETTINGS_OVERRIDE)
                parser->origin.rank = is_trusted ? RANK_OVERRIDE : RANK_UNTRUSTED_OVERRIDE;
        else
                parser->origin.rank = is_trusted ? RANK_SETTINGS_FILE : RANK_UNTRUSTED_FILE;
}

int settings_file_parse(Config *config, const SettingsFile *file, Notes *notes) {
        static const char byte_order_mark[] = "\xef\xbb\xbf";
        size_t n_notes = notes->n_items, mark_length = strlen(byte_order_mark);
        Parser parser = {
                .config = config,
                .file = file,
                .notes = notes,
                .next = file->text,
                .end = file->text + file->size,
                .line = arena_allocate(&config->arena, file->size + 1),
        };
        int r;

        if (memchr(file->text, '\0', file->size))
                return notes_fail(
                                notes, &config->arena, -EINVAL, "%s: Not a text file", file->path);
        if (file->size >= mark_length && memcmp(file->text, byte_order_mark, mark_length) == 0)
                parser.next += mark_length;

        set_origin(&parser);
        string_list_add(&config->arena, &config->files, file->path);
        while (next_line(&parser)) {
                r = parse_line(&parser);
                if (r < 0)
                        return r;
                if (notes->n_items - n_notes > NOTES_MAX)
                        return notes_fail(notes, &config->arena, -EINVAL,
                                        "%s: Too many mistakes for a settings file", file->path);
        }

        return 0;
}
