/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Control groups, version 2 only.
 *
 * A group is named by its directory below the cgroup2 mount, as an absolute host path. Nothing
 * here knows who manages the hierarchy; see container/place for that.
 * Source: Documentation/admin-guide/cgroup-v2.rst.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"

/* Where the cgroup2 hierarchy is seen by this process. */
typedef struct {
        const char *mount; /* mount point, "/sys/fs/cgroup" or "/sys/fs/cgroup/unified", … */
        const char *own;   /* this process's group: MOUNT plus the path below it */
        bool is_writable;  /* the mount is not read-only */
} CgroupTree;

/* Finds the cgroup2 mount and our own group in it; -ENOENT if there is none to be seen. */
int cgroup_find(Arena *arena, CgroupTree *ret_tree);

/* The group of process PID as a path below the mount, "/machine.slice/x.scope"; -ENOENT. */
int cgroup_of_process(Arena *arena, pid_t pid, const char **ret_path);

/* Whether GROUP has member processes of its own. */
bool cgroup_has_members(const char *group);

/* Whether GROUP hands controllers on to its children. */
bool cgroup_has_controllers_enabled(const char *group);

/* Switches on for GROUP's children every controller that GROUP has; those that refuse stay off.
 * -EBUSY if GROUP has members and refused a domain controller for that reason. */
int cgroup_enable_controllers(const char *group);

/* Switches all controllers off again for GROUP's children, as far as they let go of them. */
void cgroup_disable_controllers(const char *group);

/* Whether process PID is the only member of GROUP; other groups below it do not count. */
bool cgroup_has_only(const char *group, pid_t pid);

/* Makes the group directory; one that exists is used. -EROFS, -EACCES, -ENOENT … */
int cgroup_make(const char *group);

/* Moves process PID into GROUP (0: ourselves). */
int cgroup_attach(const char *group, pid_t pid);

/* Gives GROUP with the files a manager inside needs to user and group ID. Limits stay ours. */
int cgroup_delegate(const char *group, uid_t id);

/* Kills every process below GROUP (cgroup.kill, Linux 5.14) and waits until it is empty.
 * -ETIMEDOUT after TIMEOUT_MS; 0 also if there is no such group. */
int cgroup_kill(const char *group, int timeout_ms);

/* Removes GROUP and everything below it; -EBUSY if processes are left, 0 if it is not there. */
int cgroup_remove(const char *group);

/* Makes it anew: an empty one that is there already is removed first. -EBUSY if there are processes
 * in it: they are somebody else's. */
int cgroup_make_new(const char *group);
