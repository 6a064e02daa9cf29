/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/set.h"

#include <string.h>

#include "base/text.h"

/* TEXT is NULL for what the option does without one. */
static bool is_allowed(Config *config,
                const Option *option,
                const char *text,
                const OptionOrigin *origin,
                Notes *notes) {
        if (origin->is_trusted || !(option->flags & OPTION_TRUSTED))
                return true;
        if ((option->flags & OPTION_TAKES_AWAY) && text && text_after(text, "~"))
                return true;

        notes_add(notes, &config->arena, LOG_WARNING,
                        "%s: Only a trusted settings file may set this, ignoring", origin->place);
        return false;
}

/* Whoever made the tree shall not lift a limit that was set on the command line. */
static ConfigRank rank_of(const Option *option, const OptionOrigin *origin) {
        if ((option->flags & OPTION_GUARD) && origin->rank == RANK_UNTRUSTED_OVERRIDE)
                return RANK_UNTRUSTED_FILE;

        return origin->rank;
}

/* Whether A and B write the same field. */
static bool is_same_field(const Option *a, const Option *b) {
        return a->slot == b->slot && a->offset == b->offset;
}

/* Whether OPTION's field holds only what OPTION itself wrote, so that a new value replaces it
 * without a look at it. A list is never replaced, and other options are contradicted or not. */
static bool replaces_itself(const Config *config, const Option *option) {
        if (option->flags & OPTION_LIST)
                return false;

        for (size_t i = 0; i < config->n_settings; i++) {
                const Option *other = config->settings[i].option;

                if (other != option && is_same_field(other, option))
                        return false;
        }

        return true;
}

/* Whether A and B are assignments to the same variable. */
static bool is_same_variable(const char *a, const char *b) {
        size_t length = strcspn(a, "=");

        return strncmp(a, b, length) == 0 && b[length] == '=';
}

/* Removes from the record what the new value TEXT of OPTION replaces. */
static void forget_replaced(Config *config, const Option *option, const char *text) {
        bool is_list = option->flags & OPTION_LIST;
        size_t n = 0;

        if (is_list && !(option->flags & OPTION_ENVIRONMENT))
                return;

        for (size_t i = 0; i < config->n_settings; i++) {
                const ConfigSetting *setting = &config->settings[i];

                if (setting->option == option &&
                                (!is_list || is_same_variable(setting->text, text)))
                        continue;
                config->settings[n++] = *setting;
        }

        config->n_settings = n;
}

static void record(Config *config, const Option *option, const char *text, const char *source) {
        Arena *arena = &config->arena;

        forget_replaced(config, option, text);
        config->settings = arena_grow(arena, config->settings, config->n_settings,
                        &config->n_settings_allocated, sizeof(ConfigSetting));
        config->settings[config->n_settings++] = (ConfigSetting){
                .option = option,
                .text = arena_copy(arena, text),
                .source = arena_copy(arena, source),
        };
}

static void clear_field(Config *config, const Option *option) {
        memset((char *)config + option->offset, 0, option->size);
        if (option->given_offset > 0)
                *(Tristate *)((char *)config + option->given_offset) = TRISTATE_UNSET;
}

static void reset_slot(Config *config, ConfigSlot slot) {
        size_t n_options, n = 0;
        const Option *options = option_table(&n_options);

        for (size_t i = 0; i < n_options; i++)
                if (options[i].slot == slot)
                        clear_field(config, &options[i]);
        for (size_t i = 0; i < config->n_settings; i++)
                if (config->settings[i].option->slot != slot)
                        config->settings[n++] = config->settings[i];
        config->n_settings = n;
}

/* Takes OPTION's values out of its field and the record. What other options put into the same field
 * is put there again; it was good before. */
static void reset_option(Config *config, const Option *option) {
        size_t n = 0;

        clear_field(config, option);
        for (size_t i = 0; i < config->n_settings; i++) {
                const ConfigSetting setting = config->settings[i];
                const char *reason;

                if (setting.option == option)
                        continue;
                config->settings[n++] = setting;
                if (is_same_field(setting.option, option))
                        (void)setting.option->parse(&config->arena, setting.text,
                                        (char *)config + option->offset, &reason);
        }

        config->n_settings = n;
}

/* The option that WORD of an alias's expansion names, as "NAME=TEXT" or "NAME". */
static const Option *alias_target(Arena *arena, const char *word, const char **ret_text) {
        char *name = arena_copy(arena, word), *equals = strchr(name, '=');

        *ret_text = equals ? equals + 1 : NULL;
        if (equals)
                *equals = '\0';
        return option_find(name);
}

/* Sets the member of FAMILY that TEXT names in front of its value. The family's fixed text is the
 * start of all keys, and what may stand in front of a name. */
static int set_member(Config *config,
                const Option *family,
                const char *text,
                const OptionOrigin *origin,
                Notes *notes) {
        StringList fixed = text_split_words(&config->arena, family->text, " ");
        const char *equals = strchr(text, '='), *name;
        const Option *member;

        if (!equals)
                return notes_fail(notes, &config->arena, -EINVAL, "%s: not of the form %s",
                                origin->place, family->metavar);

        name = text_after(text, fixed.items[1]) ?: text;
        name = arena_copy_n(&config->arena, name, (size_t)(equals - name));
        member = option_find_key(arena_printf(&config->arena, "%s%s", fixed.items[0], name));
        if (!member)
                return notes_fail(notes, &config->arena, -EINVAL,
                                "%s: '%s' is none of them (see --%s=help)", origin->place,
                                text_printable(&config->arena, name), family->name);

        return config_set(config, member, equals + 1, origin, notes);
}

/* Sets what an alias stands for, words that have no text of their own to TEXT. A flag may be given
 * another expansion than its fixed text. */
static int set_alias(Config *config,
                const Option *alias,
                const char *text,
                const OptionOrigin *origin,
                Notes *notes) {
        const char *expansion = (alias->flags & OPTION_FLAG) && text ? text : alias->text;
        StringList words = text_split_words(&config->arena, expansion, " ");
        int r;

        for (size_t i = 0; i < words.n_items; i++) {
                const char *own_text;
                const Option *target = alias_target(&config->arena, words.items[i], &own_text);

                r = config_set(config, target, own_text ?: text, origin, notes);
                if (r < 0)
                        return r;
        }

        if (alias->flags & OPTION_OBSOLETE)
                /* Scripts made for systemd-nspawn are not to be blamed. */
                notes_add(notes, &config->arena, config->as_nspawn ? LOG_DEBUG : LOG_WARNING,
                                "%s: Obsolete, use '--%s%s'", origin->place, expansion,
                                strchr(expansion, '=') ? "" : "=");
        return 0;
}

static void
reset_alias(Config *config, const Option *alias, const OptionOrigin *origin, Notes *notes) {
        StringList words = text_split_words(&config->arena, alias->text, " ");

        for (size_t i = 0; i < words.n_items; i++) {
                const char *own_text;

                config_reset(config, alias_target(&config->arena, words.items[i], &own_text),
                                origin, notes);
        }
}

int config_set(Config *config,
                const Option *option,
                const char *text,
                const OptionOrigin *origin,
                Notes *notes) {
        void *field = (char *)config + option->offset, *value;
        const char *reason = "invalid";
        ConfigRank *slot_rank, rank = rank_of(option, origin);
        int r;

        if (!is_allowed(config, option, text, origin, notes))
                return 0;
        if (option->flags & OPTION_FAMILY)
                return set_member(config, option, text, origin, notes);
        if (option->flags & OPTION_ALIAS)
                return set_alias(config, option, text, origin, notes);

        slot_rank = &config->ranks[option->slot];
        if (rank < *slot_rank)
                return 0;

        /* The parser works on a copy: a bad value changes nothing. */
        value = arena_allocate(&config->arena, option->size);
        if (rank == *slot_rank && !replaces_itself(config, option))
                memcpy(value, field, option->size);
        text = text ?: option->text;
        r = option->parse(&config->arena, text, value, &reason);
        if (r < 0)
                return notes_fail(notes, &config->arena, r, "%s: %s", origin->place, reason);

        if (rank > *slot_rank)
                reset_slot(config, option->slot);
        *slot_rank = rank;
        memcpy(field, value, option->size);
        if (option->given_offset > 0)
                *(Tristate *)((char *)config + option->given_offset) = TRISTATE_YES;
        record(config, option, text, origin->source);
        return 0;
}

void config_reset(Config *config, const Option *option, const OptionOrigin *origin, Notes *notes) {
        ConfigRank *slot_rank, rank = rank_of(option, origin);

        if (!is_allowed(config, option, /* text= */ NULL, origin, notes))
                return;
        if (option->flags & OPTION_ALIAS) {
                reset_alias(config, option, origin, notes);
                return;
        }

        slot_rank = &config->ranks[option->slot];
        if (rank < *slot_rank)
                return;
        if (rank > *slot_rank)
                reset_slot(config, option->slot);
        *slot_rank = rank;
        reset_option(config, option);
}
