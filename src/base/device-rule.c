/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/device-rule.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

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

const char *device_rule_to_text(Arena *arena, const DeviceRule *rule) {
        const char *minor = rule->minor == DEVICE_ANY_MINOR
                                            ? "*"
                                            : arena_printf(arena, "%u", rule->minor);
        char access[4];

        return arena_printf(arena, "%c%u:%s %s", S_ISBLK(rule->type) ? 'b' : 'c', rule->major,
                        minor, device_access_to_text(rule->access, access));
}
