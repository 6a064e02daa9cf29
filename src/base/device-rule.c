/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/device-rule.h"

#include <errno.h>
#include <string.h>

static const char letters[] = "rwm"; /* in the order of the bits */

const char *device_access_to_text(unsigned access, char text[static 4]) {
        size_t n = 0;

        for (size_t i = 0; letters[i]; i++)
                if (access & (1U << i))
                        text[n++] = letters[i];

        text[n] = '\0';
        return text;
}

int device_access_parse(const char *text, unsigned *ret_access) {
        unsigned access = 0;

        for (const char *p = text; *p; p++) {
                const char *letter = strchr(letters, *p);
                unsigned bit;

                if (!letter)
                        return -EINVAL;
                bit = 1U << (letter - letters);
                if (access & bit)
                        return -EINVAL;
                access |= bit;
        }
        if (access == 0)
                return -EINVAL;

        *ret_access = access;
        return 0;
}
