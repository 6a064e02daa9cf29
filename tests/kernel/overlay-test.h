/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An overlay of idmapped layers, as boot-tree makes it for an ephemeral root under a user
 * namespace.
 */

/* Makes lower/ (with lower/file), upper/up and upper/work in the working directory. Demands
 * success. */
void overlay_make_layers(void);

/* Clones and shifts both layers and mounts the overlay of them, as the process's present fsuid.
 * From Linux 6.15 on the layers stay detached, before they are attached at lower/ and upper/
 * themselves.
 *
 * Returns the detached overlay mount. Demands success. */
int overlay_new(void);
