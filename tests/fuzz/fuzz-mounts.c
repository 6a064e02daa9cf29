/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Mounts of the user's: lines of NAME=VALUE, with names of options that make some. What is accepted
 * is planned together.
 */

#include <string.h>
#include <sys/mount.h>

#include "base/path.h"
#include "base/text.h"
#include "config/set.h"
#include "fuzz-plan.h"
#include "fuzz.h"

static int set_line(Config *config, char *line, Notes *notes) {
        OptionOrigin origin = {
                .rank = RANK_COMMAND_LINE, .is_trusted = true, .place = "here", .source = "here"
        };
        char *equals = strchr(line, '=');
        const Option *option;

        if (!equals)
                return 0;
        *equals = '\0';
        option = option_find(line);
        if (!option || option->slot != SLOT_MOUNTS)
                return 0;

        return config_set(config, option, equals + 1, &origin, notes);
}

static void check(const Config *config) {
        for (size_t i = 0; i < config->mounts.n_items; i++) {
                const MountSpec *spec = &config->mounts.items[i];

                FUZZ_MUST(spec->kind < MOUNT_SPEC_MAX);
                FUZZ_MUST(path_is_absolute(spec->target) && path_is_normalized(spec->target));
                /* The way of keeping access times is one value, cleared as a whole and set anew. */
                FUZZ_MUST((spec->attributes & spec->attributes_gone & ~MOUNT_ATTR__ATIME) == 0);
                FUZZ_MUST(spec->kind != MOUNT_SPEC_BIND || spec->n_sources == 1);
                FUZZ_MUST(spec->kind != MOUNT_SPEC_OVERLAY || spec->n_sources >= 2);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Config config;
        Notes notes = { 0 };
        char *rest, *line;

        if (size > FUZZ_SIZE_MAX || memchr(data, '\0', size))
                return -1;

        config_init(&config, /* as_nspawn= */ false);
        config.directory = "/tree";
        rest = arena_copy_n(&config.arena, (const char *)data, size);
        while ((line = strsep(&rest, "\n"))) {
                notes = (Notes){ 0 };
                fuzz_check_result(set_line(&config, line, &notes), &notes);
        }

        check(&config);
        notes = (Notes){ 0 };
        if (config_check(&config, &notes) >= 0)
                fuzz_plan(&config);
        config_done(&config);
        return 0;
}
