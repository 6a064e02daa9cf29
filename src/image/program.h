/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a tree's programs are made for.
 */

#include "base/architecture.h"

/* The architecture of the first program in the tree that nearly all trees have; UNKNOWN without. */
Architecture program_architecture(int tree_fd);
