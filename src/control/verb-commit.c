/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "base/log.h"
#include "control/arguments.h"
#include "control/changes-folder.h"
#include "control/verbs.h"
#include "image/changes.h"
#include "image/new-tree.h"
#include "sys/uuid.h"

static int merge(Changes *changes) {
        int r;

        r = changes_merge(changes);
        return r < 0 ? r : changes_reset(changes); /* The tree has it now. */
}

static int copy(Changes *changes, const char *path) {
        char suffix[17];
        int r;

        r = uuid_make_suffix(suffix);
        if (r < 0)
                return log_error_errno(r, "Failed to get random bytes");

        return changes_copy(changes, path, new_tree_hidden_name(&changes->arena, path, suffix));
}

static int commit(Arguments *arguments) {
        const StringList *places = &arguments->places;
        Changes changes = CHANGES_NONE;
        const char *path;
        int r;

        r = changes_folder_find(&arguments->arena, places->items[0], /* is_changed= */ true, &path);
        if (r < 0)
                return r;

        r = changes_open(path, /* exclusively= */ true, &changes);
        if (r >= 0)
                r = places->n_items > 1 ? copy(&changes, places->items[1]) : merge(&changes);
        changes_done(&changes);
        return r;
}

int verb_commit(int argc, char **argv) {
        Arguments arguments;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        if (r > 0)
                r = commit(&arguments);
        arguments_done(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
