/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The settings files of a machine: finding them, and reading them without harm.
 *
 * NAME.nspawn is looked for in /etc/systemd/nspawn, /run/systemd/nspawn and beside the tree; the
 * first one counts. Beside means by the name that the tree was called by: a link to a tree has its
 * settings beside the link. On top come the drop-ins NAME.nspawn.d/?*.conf of all three places,
 * sorted by name; of two with one name the first one counts. A link to /dev/null hides what comes
 * after it.
 *
 * Who can write beside the tree is not trusted: there links are not followed, and what is no small
 * regular file is not opened.
 */

#include "config/config.h"
#include "plan/facts.h"

/* Fills CONFIG, which holds the command line, from the settings files of the machine on the
 * tree of FACTS; nothing with --settings=no.
 *
 * Returns 0, or a negative errno after an error line or with an error note. */
int settings_load(Config *config, const RootFacts *facts, Notes *notes);
