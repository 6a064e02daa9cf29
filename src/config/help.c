/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/help.h"

#include <string.h>

#include "base/macro.h"
#include "base/text.h"

enum { WIDTH = 80, HELP_COLUMN = 30, VALUE_WIDTH = 18 };

/* Text that grows at its end. */
typedef struct {
        Arena *arena;
        char *bytes;
        size_t n_bytes, n_allocated;
} Buffer;

static void append(Buffer *buffer, const char *text) {
        size_t length = strlen(text);

        while (buffer->n_bytes + length + 1 > buffer->n_allocated)
                buffer->bytes = arena_grow(buffer->arena, buffer->bytes, buffer->n_allocated,
                                &buffer->n_allocated, 1);
        memcpy(buffer->bytes + buffer->n_bytes, text, length + 1);
        buffer->n_bytes += length;
}

static void append_spaces(Buffer *buffer, size_t n) {
        for (size_t i = 0; i < n; i++)
                append(buffer, " ");
}

/* Fills lines with the words of TEXT from HELP_COLUMN on; COLUMN is where we are. */
static void append_wrapped(Buffer *buffer, size_t column, const char *text) {
        StringList words = text_split_words(buffer->arena, text, " ");

        if (column + 1 >= HELP_COLUMN) {
                append(buffer, "\n");
                column = 0;
        }
        append_spaces(buffer, HELP_COLUMN - column);
        column = HELP_COLUMN;

        for (size_t i = 0; i < words.n_items; i++) {
                size_t length = strlen(words.items[i]);

                if (column > HELP_COLUMN && column + 1 + length >= WIDTH) {
                        append(buffer, "\n");
                        append_spaces(buffer, HELP_COLUMN);
                        column = HELP_COLUMN;
                } else if (column > HELP_COLUMN) {
                        append(buffer, " ");
                        column++;
                }
                append(buffer, words.items[i]);
                column += length;
        }
        append(buffer, "\n");
}

static void append_option(Buffer *buffer, const Option *option) {
        Arena *arena = buffer->arena;
        const char *letter = "    ", *name = "", *argument = "", *line;

        if (option->letter)
                letter = arena_printf(arena, " -%c ", option->letter);
        if (option->name)
                name = arena_printf(arena, "--%s", option->name);
        if (option->metavar)
                argument = arena_printf(arena, option->flags & OPTION_OPTIONAL ? "[=%s]" : "=%s",
                                option->metavar);

        line = arena_printf(arena, " %s%s%s", letter, name, argument);
        append(buffer, line);
        append_wrapped(buffer, strlen(line), option->help);
}

static const char usage_boot_tree[] =
                "boot-tree [run] [OPTION...] [COMMAND [ARGUMENT...]]\n"
                "boot-tree VERB [ARGUMENT...]    (boot-tree help shows the verbs)\n"
                "\n"
                "Boot an operating system from a directory tree, or run a command in it.\n";

static const char usage_nspawn[] =
                "systemd-nspawn [OPTION...] [COMMAND [ARGUMENT...]]\n"
                "\n"
                "Run a command in a directory tree, or boot the operating system in it.\n";

const char *help_text(Arena *arena, bool as_nspawn) {
        Buffer buffer = { .arena = arena };
        const char *group = NULL;
        size_t n_options;
        const Option *options = option_table(&n_options);

        append(&buffer, as_nspawn ? usage_nspawn : usage_boot_tree);
        for (size_t i = 0; i < n_options; i++) {
                const Option *option = &options[i];

                if ((option->flags & OPTION_OBSOLETE) || (!option->name && !option->letter))
                        continue;
                if (!text_equal(group, option->group)) {
                        group = option->group;
                        append(&buffer, arena_printf(arena, "\n%s:\n", group));
                }
                append_option(&buffer, option);
        }

        append(&buffer, "\nSee boot-tree(1) for details.\n");
        return buffer.bytes;
}

const char *help_version(Arena *arena) {
        return arena_printf(arena, "boot-tree %s\n", BOOT_TREE_VERSION);
}

static const char *dumped_flags(Arena *arena, unsigned flags) {
        static const struct {
                unsigned flag;
                const char *name;
        } names[] = {
                { OPTION_LIST, "list" },
                { OPTION_TRUSTED, "trusted" },
                { OPTION_OBSOLETE, "obsolete" },
                { OPTION_ALIAS, "alias" },
        };
        const char *text = "";

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (flags & names[i].flag)
                        text = arena_printf(
                                        arena, "%s%s%s", text, text[0] ? " " : "", names[i].name);

        return text[0] ? text : "-";
}

static StringList values_of(Arena *arena, const Option *option) {
        return option->values && option->metavar ? option->values(arena) : (StringList){ 0 };
}

/* VALUE without what it stands for. */
static const char *word_of(Arena *arena, const char *value) {
        return arena_copy_n(arena, value, strcspn(value, "\t"));
}

static const char *dumped_values(Arena *arena, const Option *option) {
        StringList values = values_of(arena, option);
        Buffer buffer = { .arena = arena };

        for (size_t i = 0; i < values.n_items; i++) {
                append(&buffer, i > 0 ? " " : "");
                append(&buffer, word_of(arena, values.items[i]));
        }

        return buffer.bytes ?: "-";
}

const char *help_dump(Arena *arena) {
        Buffer buffer = { .arena = arena };
        size_t n_options;
        const Option *options = option_table(&n_options);

        for (size_t i = 0; i < n_options; i++) {
                const Option *option = &options[i];
                const char *letter = arena_copy_n(arena, (char[]){ option->letter }, 1);

                if (!option->name && !option->letter)
                        continue;
                append(&buffer, arena_printf(arena, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
                                                option->name ?: "-", letter[0] ? letter : "-",
                                                option->flags & OPTION_FLAG       ? "none"
                                                : option->flags & OPTION_OPTIONAL ? "optional"
                                                                                  : "required",
                                                option->metavar ?: "-", option->key ?: "-",
                                                dumped_flags(arena, option->flags),
                                                dumped_values(arena, option), option->group,
                                                option->help));
        }

        return buffer.bytes;
}

const char *help_values(Arena *arena, const Option *option) {
        StringList values = values_of(arena, option);
        Buffer buffer = { .arena = arena };

        append(&buffer, "");
        for (size_t i = 0; i < values.n_items; i++) {
                const char *word = word_of(arena, values.items[i]);
                const char *meaning = text_after(values.items[i] + strlen(word), "\t");

                append(&buffer, word);
                if (meaning) {
                        append_spaces(&buffer, strlen(word) < VALUE_WIDTH
                                                               ? VALUE_WIDTH - strlen(word)
                                                               : 1);
                        append(&buffer, meaning);
                }
                append(&buffer, "\n");
        }

        return buffer.bytes;
}
