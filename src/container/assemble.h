/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "container/container.h"

/*
 * Builds the payload's tree in a private mount namespace of the manager: the root, the manager's
 * mounts and files of the plan. What is attached here is locked against the payload once it has
 * crossed into its own user and mount namespace (kernel fact 1).
 */

/* Opens what can be opened only on the host, and enters the private mount namespace. What is
 * spawned now sees what is assembled later. Returns 0 or a logged error; the caller goes back with
 * container_leave_assembly() either way. */
int container_enter_assembly(Container *container);

/* Assembles the tree, and hands it to the payload's side. 0 or a logged error. */
int container_assemble(Container *container);

/* Back to the host's mount namespace; what was assembled lives on only in the payload's. */
int container_leave_assembly(Container *container);

/* Whether PATH lies below the target of STEP, and that is at least *LENGTH long, which becomes its
 * length then. For a search of the mount that PATH lies on, among those that are attached: what
 * lies on a mount of ours is looked up in that mount, not by the names that lead to it. Whoever
 * changes the tree meanwhile, from another machine that runs it, could move the mount away, and
 * nodes and secrets would be on its disk, and masks beside what they are to hide. */
bool assemble_lies_on(const char *path, const MountStep *step, size_t *length);

/* The mount of the manager's that PATH lies on, or the root, borrowed; *RET_REST is how it goes on
 * there. */
int assemble_find_base(const Container *container, const char *path, const char **ret_rest);

/* Makes files in one tree. Neighbours in a plan mostly share their folder: it is kept open. */
typedef struct {
        const Container *container; /* with mounts in the tree; or NULL: it has none yet */
        int root_fd;                /* the tree; borrowed */
        int folder_fd;
        const char *folder; /* path of a file in it; borrowed from the plan */
        size_t folder_length;
} FileMaker;

#define FILE_MAKER(tree_fd) ((FileMaker){ .root_fd = (tree_fd), .folder_fd = -EBADF })

/* Carries out one FileStep; a socket goes to *RET_SOCKET_FD. Nothing may be mounted in the tree
 * between two calls. Not logged. */
int assemble_file(FileMaker *maker, const FileStep *step, int *ret_socket_fd);

/* Closes what is kept open, in any state. */
void file_maker_done(FileMaker *maker);

/* Makes the tree, a copy of the one in container->root, and takes its place there. Logged. */
int assemble_make_tree(Container *container);

/* Makes what an overlay root writes to; it stays until the machine ends. Logged. */
int assemble_make_upper(Container *container);

/* On the host, before the private mount namespace is entered: clones what the root is made of.
 * Logged. */
int assemble_prepare_root(Container *container);

/* In the private mount namespace, once the payload has its ids: makes the root of what was
 * prepared, with its attributes but for read-only at the top, and attaches it as
 * container->root_fd. Logged. */
int assemble_open_root(Container *container);

/* Shows what was the root in that which has taken its place, if the plan says so. Logged. */
int assemble_attach_old_root(Container *container);

/* Makes the detached mount of a manager's row. Logged as the row wants it. */
int assemble_open_mount(const MountStep *step);

/* How failure R of the row is told; LOG_ERROR: it is one. An optional row of the payload's side may
 * have nothing to cover; that covering it fails is an error all the same, or a mask would be gone
 * without a word. The control group's row is for those who can use it. */
LogLevel assemble_failure_level(const MountStep *step, int r);

/* What comes from outside the tree, and what lies on it; see assemble-sources and assemble-mounts.
 * Logged.
 *
 * In the host's mount namespace opens the sources, into container->opened. */
int assemble_open_sources(Container *container);

/* In the assembled tree returns the detached mount of row I, which the caller owns. */
int assemble_open_late(Container *container, size_t i);

/* Maps the owners of the detached mount FD. */
int assemble_map_bind(int fd, const MountStep *step, const IdMap *map);

/* Closes what is left in container->opened, in any state. */
void assemble_close_sources(Container *container);

/* Mounts what replaces the root, before anything is made in the tree. */
int assemble_attach_root(Container *container);

/* Mounts what comes behind the files; leaves in container->opened what the payload's side has to
 * attach. */
int assemble_attach_late(Container *container);

/* Where what hides other things is, in the tree. */
#define INACCESSIBLE_FOLDER "/run/host/inaccessible"

/* Covers TARGET_FD, the target of a MOUNT_INACCESSIBLE, by what is in the folder PATH below
 * BASE_FD; a negative TARGET_FD is why it could not be opened. Both are borrowed. Logged. */
int assemble_hide(int base_fd, const char *path, int target_fd, const MountStep *step);
