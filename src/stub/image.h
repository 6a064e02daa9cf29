/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The stub init as a program for this machine, to be run from memory. See stub.c.
 */

#include <stddef.h>

extern const unsigned char stub_image[];
extern const size_t stub_image_size;
