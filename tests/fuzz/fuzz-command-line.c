/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A command line, as the golden plans write it: words at white space, kept together by quotes, the
 * first one is the program's name. What parses is planned and printed for the golden plans' host.
 */

#include <string.h>

#include "base/text.h"
#include "config/command-line.h"
#include "fuzz-plan.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *environment[] = { (char *)"HOME=/home/me", NULL };
        Arena arena = { 0 };
        StringList words;
        Config config;
        CommandLine line;
        Notes notes = { 0 };
        int r;

        if (size > FUZZ_SIZE_MAX || memchr(data, '\0', size))
                return -1;
        if (text_split_quoted(&arena, arena_copy_n(&arena, (const char *)data, size), &words) < 0 ||
                        words.n_items == 0) {
                arena_done(&arena);
                return -1;
        }

        config_init(&config, command_line_is_nspawn(words.items[0]));
        r = command_line_parse((int)words.n_items, (char **)words.items, environment, &config,
                        &line, &notes);
        if (r >= 0)
                FUZZ_MUST(line.action == ACTION_RUN || line.text);
        if (r >= 0 && line.action == ACTION_RUN)
                r = config_check(&config, &notes);
        fuzz_check_result(r, &notes);
        if (r >= 0 && line.action == ACTION_RUN)
                fuzz_plan(&config);

        config_done(&config);
        arena_done(&arena);
        return 0;
}
