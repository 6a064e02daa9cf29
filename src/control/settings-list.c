/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/settings-list.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "config/options.h"

/* Whether OPTION has values of its own. */
static bool has_values(const Option *option) {
        return option->action == ACTION_RUN && !(option->flags & OPTION_ALIAS);
}

/* The value of SETTING as a settings file has it, before quoting. */
static const char *value_of(Arena *arena, const ConfigSetting *setting) {
        const Option *option = setting->option;

        if (option->flags & OPTION_FLAG)
                return text_equal(setting->text, option->text) ? "yes" : "no";
        if (option->flags & OPTION_SECRET)
                return option_show(arena, option, setting->text);

        return setting->text;
}

/* WORD in quotes if it needs some to be one word for text_split_quoted(). */
static const char *quote(Arena *arena, const char *word) {
        const char *text = "", *rest = word;

        if (word[0] && !strpbrk(word, " \t\n\r\"'\\"))
                return word;

        /* Within '...' only the quote itself has to be said otherwise: as "'", between two of them. */
        for (const char *p; (p = strchr(rest, '\'')); rest = p + 1)
                text = arena_printf(arena, "%s%.*s'\"'\"'", text, (int)(p - rest), rest);
        return arena_printf(arena, "'%s%s'", text, rest);
}

static const char *label_of(Arena *arena, const Option *option) {
        if (option->name)
                return arena_printf(arena, "--%s", option->name);
        return option->letter ? arena_printf(arena, "-%c", option->letter) : NULL;
}

static const char *section_of(Arena *arena, const Option *option) {
        return option->key ? arena_copy_n(arena, option->key, strcspn(option->key, ".")) : "";
}

/* The values of OPTION as lines "Key=VALUE" under comments with their source. */
static size_t print_values(Arena *arena, const Config *config, const Option *option, FILE *file) {
        const char *source = NULL, *key = strchr(option->key, '.') + 1;
        size_t n = 0;

        for (size_t i = 0; i < config->n_settings; i++) {
                const ConfigSetting *setting = &config->settings[i];
                const char *value;

                if (setting->option != option)
                        continue;
                value = value_of(arena, setting);
                if (option->flags & OPTION_WORDS)
                        value = quote(arena, value);
                if (!text_equal(source, setting->source))
                        fprintf(file, "# %s\n", text_printable(arena, setting->source));
                fprintf(file, "%s=%s\n", key, text_printable(arena, value));
                source = setting->source;
                n++;
        }

        return n;
}

static void print_section(Arena *arena, const Config *config, const char *section, FILE *file) {
        size_t n_options;
        const Option *options = option_table(&n_options);
        StringList defaults = { 0 };

        fprintf(file, "\n[%s]\n", section);
        for (size_t i = 0; i < n_options; i++)
                if (has_values(&options[i]) &&
                                text_equal(section_of(arena, &options[i]), section) &&
                                print_values(arena, config, &options[i], file) == 0)
                        string_list_add(arena, &defaults, strchr(options[i].key, '.') + 1);

        if (defaults.n_items > 0)
                fprintf(file, "# default\n");
        for (size_t i = 0; i < defaults.n_items; i++)
                fprintf(file, "#%s=\n", defaults.items[i]);
}

/* What chose the tree and the settings cannot be in a settings file. */
static void print_head(Arena *arena, const Config *config, const char *name, FILE *file) {
        fprintf(file, "# Settings of '%s'\n", name);
        for (size_t i = 0; i < config->n_settings; i++) {
                const ConfigSetting *setting = &config->settings[i];
                const char *label = label_of(arena, setting->option);

                if (setting->option->key || !label)
                        continue;
                fprintf(file, "# %s: %s%s%s\n", setting->source, label,
                                setting->option->metavar ? "=" : "",
                                setting->option->metavar ? text_printable(arena, setting->text)
                                                         : "");
        }
        for (size_t i = 0; i < config->files.n_items; i++)
                fprintf(file, "# file: %s\n", text_printable(arena, config->files.items[i]));
}

int settings_print_text(const Config *config, const char *name, FILE *file) {
        size_t n_options;
        const Option *options = option_table(&n_options);
        StringList sections = { 0 };
        Arena arena = { 0 };

        print_head(&arena, config, name, file);
        for (size_t i = 0; i < n_options; i++) {
                const char *section = section_of(&arena, &options[i]);
                bool is_new = section[0] != '\0';

                for (size_t j = 0; j < sections.n_items; j++)
                        is_new = is_new && !text_equal(sections.items[j], section);
                if (!is_new)
                        continue;
                string_list_add(&arena, &sections, section);
                print_section(&arena, config, section, file);
        }

        arena_done(&arena);
        return fflush(file) == 0 && !ferror(file) ? 0 : -EIO;
}

static void write_option(Writer *writer, const Config *config, const Option *option) {
        Arena *arena = &writer->arena;

        writer_begin_object(writer, NULL, WRITER_BLOCK);
        writer_string(writer, "option", label_of(arena, option));
        writer_string(writer, "key", option->key);
        writer_begin_list(writer, "values", WRITER_BLOCK);
        for (size_t i = 0; i < config->n_settings; i++) {
                const ConfigSetting *setting = &config->settings[i];

                if (setting->option != option)
                        continue;
                writer_begin_object(writer, NULL, WRITER_LINE);
                writer_string(writer, "value", value_of(arena, setting));
                writer_string(writer, "source", setting->source);
                writer_end(writer);
        }
        writer_end(writer);
        writer_end(writer);
}

int settings_print_json(const Config *config, const char *name, FILE *file) {
        size_t n_options;
        const Option *options = option_table(&n_options);
        Writer writer;
        int r;

        writer_init(&writer, WRITER_JSON);
        writer_begin_object(&writer, NULL, WRITER_BLOCK);
        writer_string(&writer, "machine", name);
        writer_strings(&writer, "files", WRITER_BLOCK, config->files.items, config->files.n_items);
        writer_begin_list(&writer, "settings", WRITER_BLOCK);
        for (size_t i = 0; i < n_options; i++)
                if (has_values(&options[i]))
                        write_option(&writer, config, &options[i]);
        writer_end(&writer);
        writer_end(&writer);
        r = writer_print(&writer, file);
        writer_done(&writer);
        return r;
}
