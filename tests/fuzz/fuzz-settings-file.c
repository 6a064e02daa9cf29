/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A settings file, read with each trust and rank, by both names. What is read is printed, and what
 * is printed can be read again.
 */

#include <string.h>

#include "base/text.h"
#include "config/set.h"
#include "config/settings-file.h"
#include "control/settings-list.h"
#include "fuzz.h"

/* Whether CONFIG holds nothing that an untrusted file must not set. */
static bool is_harmless(const Config *config) {
        for (size_t i = 0; i < config->n_settings; i++)
                if (config->settings[i].option->flags & OPTION_TRUSTED)
                        return false;

        return true;
}

static void print_and_read(const Config *config) {
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        Config again;
        Notes notes = { 0 };

        FUZZ_MUST(file && settings_print_text(config, "name", file) == 0 && fclose(file) == 0);
        config_init(&again, /* as_nspawn= */ true);
        again.settings_mode = SETTINGS_TRUSTED;
        FUZZ_MUST(settings_file_parse(&again,
                                  &(SettingsFile){ .path = "again", .text = text, .size = size },
                                  &notes) == 0);
        config_done(&again);
        free(text);
}

static void read_file(SettingsFile file, SettingsMode mode, bool as_nspawn) {
        Config config;
        Notes notes = { 0 };
        int r;

        config_init(&config, as_nspawn);
        config.settings_mode = mode;
        r = settings_file_parse(&config, &file, &notes);
        fuzz_check_result(r, &notes);
        for (size_t i = 0; i < notes.n_items; i++)
                FUZZ_MUST(text_after(notes.items[i].text, "file"));
        if (!file.is_trusted && mode != SETTINGS_TRUSTED)
                FUZZ_MUST(is_harmless(&config));
        if (r >= 0 && !as_nspawn)
                print_and_read(&config);
        if (r >= 0) {
                notes = (Notes){ 0 };
                config.directory = "/";
                fuzz_check_result(config_check(&config, &notes), &notes);
        }
        config_done(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        SettingsFile trusted = {
                .path = "file", .text = (const char *)data, .size = size, .is_trusted = true
        };
        SettingsFile untrusted = { .path = "file", .text = (const char *)data, .size = size };

        if (size > FUZZ_SIZE_MAX)
                return -1;

        read_file(trusted, SETTINGS_YES, /* as_nspawn= */ false);
        read_file(trusted, SETTINGS_OVERRIDE, /* as_nspawn= */ true);
        read_file(untrusted, SETTINGS_YES, /* as_nspawn= */ true);
        read_file(untrusted, SETTINGS_OVERRIDE, /* as_nspawn= */ false);
        return 0;
}
