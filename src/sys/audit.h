/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The audit login id, which children inherit and only the host's root may change: who logged in on
 * the host is no business of a payload, and a login inside must be able to set its own.
 */

#include <stdint.h>

#define AUDIT_UNSET UINT32_MAX

/* Our login id, or AUDIT_UNSET, also where the kernel has no auditing. */
uint32_t audit_get_login(void);

/* Sets it. Errors do not matter to anybody here: it stays as it was. */
void audit_set_login(uint32_t id);
