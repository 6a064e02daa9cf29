/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Folders of --mstack=, whose names say what a root is made of.
 *
 *   layer@ID       a layer; the version sort of the IDs is their order, the last one is on top
 *   rw             where changes are kept
 *   bind@PLACE     mounted at PLACE, a path as in names of units; robind@PLACE: read-only
 *
 * All of them are folders or links to folders. Such a folder is only another way to write
 * --directory=, --layer=, --upper= and --bind=, and is turned into these.
 */

#include "config/config.h"

/* Turns what config->mstack names into the settings that it stands for; if it is unset, and no tree
 * is named, the stack NAME.mstack where machines are; or else nothing.
 * 0, or a negative errno with an error note or line. Nothing on disk is changed.
 *
 * Source: systemd.mstack(7). */
int mount_stack_load(Config *config, Notes *notes);
