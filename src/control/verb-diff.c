/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/text.h"
#include "base/writer.h"
#include "control/arguments.h"
#include "control/changes-folder.h"
#include "control/verbs.h"
#include "image/changes.h"

static const char *const kind_names[] = {
        [CHANGE_ADDED] = "added",
        [CHANGE_CHANGED] = "changed",
        [CHANGE_MOVED] = "moved",
        [CHANGE_REPLACED] = "replaced",
        [CHANGE_REMOVED] = "removed",
};
static_assert(ELEMENTSOF(kind_names) == CHANGE_MAX, "one name for each kind");

static int print_json(const Change *items, size_t n_items) {
        Writer writer;
        int r;

        writer_init(&writer, WRITER_JSON);
        writer_begin_list(&writer, NULL, WRITER_BLOCK);
        for (size_t i = 0; i < n_items; i++) {
                writer_begin_object(&writer, NULL, WRITER_LINE);
                writer_string(&writer, "path", items[i].path);
                writer_string(&writer, "change", kind_names[items[i].kind]);
                writer_string(&writer, "type", items[i].type);
                writer_string(&writer, "from", items[i].from);
                writer_end(&writer);
        }
        writer_end(&writer);
        r = writer_print(&writer, stdout);
        writer_done(&writer);
        return r;
}

/* Names in a payload's tree can be anything. */
static int print_text(Arena *arena, const Change *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++) {
                printf("%-8s  %-9s  %s", kind_names[items[i].kind], items[i].type,
                                text_printable(arena, items[i].path));
                printf("%s%s\n", items[i].from ? " from " : "",
                                items[i].from ? text_printable(arena, items[i].from) : "");
        }

        return fflush(stdout) == 0 ? 0 : -errno;
}

static int diff(Arguments *arguments) {
        Changes changes = CHANGES_NONE;
        Change *items = NULL;
        size_t n_items = 0;
        const char *path;
        int r;

        r = changes_folder_find(&arguments->arena, arguments->places.items[0],
                        /* is_changed= */ false, &path);
        if (r < 0)
                return r;

        r = changes_open(path, /* exclusively= */ false, &changes);
        if (r >= 0)
                r = changes_list(&changes, &items, &n_items);
        if (r >= 0) {
                r = arguments->given & VERB_JSON ? print_json(items, n_items)
                                                 : print_text(&arguments->arena, items, n_items);
                if (r < 0)
                        log_error_errno(r, "Failed to print the changes");
        }
        changes_done(&changes);
        return r;
}

int verb_diff(int argc, char **argv) {
        Arguments arguments;
        int r;

        r = arguments_parse(argc, argv, &arguments);
        if (r > 0)
                r = diff(&arguments);
        arguments_done(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
