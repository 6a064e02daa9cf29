/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "container/container.h"

/* Starts the payload's side in all its namespaces, out of the assembled tree, which must be the
 * working directory. On return container->payload and container->handshake_fd are set. Logged. */
int container_spawn(Container *container);
