/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The host that plans are tested on, unless a case says otherwise.
 */

#include "config/config.h"
#include "plan/facts.h"

/* Fills FACTS: a Debian host with systemd, root in a pipeline, a tree as mmdebstrap makes it. */
void test_host_facts(Facts *facts);

/* PATH as a folder of root's on this host, for an entry of facts->sources. */
SourceFacts test_host_folder(Arena *arena, const char *path);

void test_host_add_source(Arena *arena, SourceList *list, const SourceFacts *source);

/* Adds what CONFIG makes us read and FACTS does not have yet: its layers, its sources, all of them
 * folders of root's, its credentials, and users of this host. */
void test_host_complete(const Config *config, Facts *facts);
