/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "control/arguments.h"
#include "control/changes-folder.h"
#include "control/verbs.h"
#include "image/changes.h"

static int reset(Arguments *arguments) {
        Changes changes = CHANGES_NONE;
        const char *path;
        int r;

        r = changes_folder_find(&arguments->arena, arguments->places.items[0],
                        /* is_changed= */ true, &path);
        if (r < 0)
                return r;

        r = changes_open(path, /* exclusively= */ true, &changes);
        if (r >= 0)
                r = changes_reset(&changes);
        changes_done(&changes);
        return r;
}

int verb_reset(int argc, char **argv) {
        Arguments arguments;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        if (r > 0)
                r = reset(&arguments);
        arguments_done(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
