/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mountinfo.h"

#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/text.h"

static void unescape(char *text) {
        char *to = text;

        for (const char *from = text; *from; to++) {
                unsigned byte;

                if (from[0] == '\\' && sscanf(from, "\\%3o", &byte) == 1) {
                        *to = (char)byte;
                        from += 4;
                } else
                        *to = *from++;
        }
        *to = '\0';
}

static char *next_field(char **rest) {
        char *field = *rest ? strsep(rest, " \n") : NULL;

        if (field)
                unescape(field);
        return field;
}

static bool is_read_only(const char *options) {
        return text_after(options, "ro") && (options[2] == ',' || options[2] == '\0');
}

bool mountinfo_parse(char *line, MountInfo *ret_mount) {
        char *rest = line, *field;
        MountInfo mount = { 0 };

        field = next_field(&rest);
        if (!field || parse_u64(field, &mount.id) < 0)
                return false;
        (void)next_field(&rest); /* the mount that it is on */
        mount.device = next_field(&rest);
        mount.root = next_field(&rest);
        mount.target = next_field(&rest);
        mount.options = next_field(&rest);
        do /* any number of fields about propagation, and one to end them */
                field = next_field(&rest);
        while (field && !text_equal(field, "-"));
        mount.type = next_field(&rest);
        mount.source = next_field(&rest);
        field = next_field(&rest);
        if (!field)
                return false;

        mount.is_read_only = is_read_only(mount.options) || is_read_only(field);
        *ret_mount = mount;
        return true;
}
