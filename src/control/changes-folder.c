/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/changes-folder.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/value.h"
#include "control/machine.h"

static int take_machine(const Machine *machine, const char *name, bool is_changed) {
        if (is_changed) {
                log_error("Machine '%s' is running, and uses what it has changed", name);
                return -EBUSY;
        }
        if (!machine->record.changes) {
                log_error("Machine '%s' writes to its tree: it runs without --ephemeral, "
                          "--volatile=overlay and --upper=",
                                name);
                return -ENOENT;
        }

        return 0;
}

int changes_folder_find(Arena *arena, const char *word, bool is_changed, const char **ret_path) {
        Machine machine;
        int r = -ENOENT;

        if (!strchr(word, '/') && hostname_is_valid(word))
                r = machine_load(arena, word, &machine);
        if (r >= 0) {
                r = take_machine(&machine, word, is_changed);
                *ret_path = machine.record.changes;
                return r;
        }
        if (r != -ENOENT)
                return machine_log(word, r);

        if (!strchr(word, '/') && access(word, F_OK) < 0) {
                log_error("'%s' is neither a machine that runs nor a folder here", word);
                return -ENOENT;
        }
        *ret_path = word;
        return 0;
}
