/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/uuid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

int uuid_make_random(uint8_t ret_uuid[static 16]) {
        uint8_t bytes[16];

        if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
                return -errno;

        bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
        memcpy(ret_uuid, bytes, sizeof bytes);
        return 0;
}

int uuid_make_suffix(char ret_text[static 17]) {
        uint64_t number;

        if (getrandom(&number, sizeof number, 0) != sizeof number)
                return -errno;

        (void)snprintf(ret_text, 17, "%016" PRIx64, number); /* always fits */
        return 0;
}
