/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Network interfaces of the calling process's network namespace.
 */

/* Brings "lo" up, which gives it its addresses. Source: netdevice(7). */
int link_loopback_up(void);
