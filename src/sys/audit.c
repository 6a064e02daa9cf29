/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/audit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/macro.h"
#include "base/parse.h"

static const char login_file[] = "/proc/self/loginuid";

uint32_t audit_get_login(void) {
        char text[DECIMAL_MAX];
        uint32_t id;

        if (io_read_file(AT_FDCWD, login_file, text, sizeof text) < 0)
                return AUDIT_UNSET;

        text[strcspn(text, "\n")] = '\0';
        return parse_u32(text, &id) < 0 ? AUDIT_UNSET : id;
}

void audit_set_login(uint32_t id) {
        char text[DECIMAL_MAX];

        (void)snprintf(text, sizeof text, "%u", id); /* always fits */
        (void)io_write_file(AT_FDCWD, login_file, text);
}
