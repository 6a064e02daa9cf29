/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "container/container.h"

/*
 * Builds the payload's tree in a private mount namespace of the manager: the root, the manager's
 * mounts and files of the plan. What is attached here is locked against the payload once it has
 * crossed into its own user and mount namespace (kernel fact 1).
 */

/* Enters the private mount namespace and assembles; container->root_fd is the finished tree.
 * Returns 0 or a logged error; the caller goes back with container_leave_assembly() either way. */
int container_assemble(Container *container);

/* Back to the host's mount namespace; what was assembled lives on only in the payload's. */
int container_leave_assembly(Container *container);

/* Carries out one FileStep in the tree ROOT_FD; a socket goes to *RET_SOCKET_FD. Not logged. */
int assemble_file(int root_fd, const FileStep *step, int *ret_socket_fd);

/* Makes the detached mount of a manager's row. Logged unless the row is optional. */
int assemble_open_mount(const MountStep *step);
