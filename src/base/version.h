/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Versions as text.
 */

/* Which of two versions is older: negative if A is, positive if B is, 0 if neither. "9" is older than
 * "10", "2~rc1" than "2", and "2" than "2.1".
 *
 * Source: UAPI.10, the version format specification. */
int version_compare(const char *a, const char *b);
