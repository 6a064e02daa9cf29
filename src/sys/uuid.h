/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * New ids.
 */

#include <stdint.h>

/* Makes a random UUID, version 4 of RFC 9562.
 *
 * Returns 0, or -EINTR / -ENOSYS of the kernel. Source: getrandom(2). */
int uuid_make_random(uint8_t ret_uuid[static 16]);

/* Makes 16 random hex digits, for names that nobody else has. As uuid_make_random(). */
int uuid_make_suffix(char ret_text[static 17]);
