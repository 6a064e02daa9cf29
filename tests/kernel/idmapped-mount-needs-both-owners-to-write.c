/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 21: through an idmapped mount nobody can write to what has a user or a group that is not
 * mapped, not even the owner (EACCES). And a user namespace without a map of groups is none that a
 * mount can be mapped by (EINVAL).
 *
 * For boot-tree: the map of a bind holds the group of its source as well as the owner; where that
 * group is the host's root's, which is not mapped by default, the user is told.
 *
 * Source: inode_permission() in fs/namei.c; measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OWNER = 1000, BEYOND = N_IDS + 1 };

static void make_folder(const char *path, uid_t uid, gid_t gid) {
        CHECK_OK(mkdir(path, 0700));
        CHECK_OK(chown(path, uid, gid));
}

/* A user namespace with a map of users alone. */
static int open_users_only(void) {
        int ready[2], fd;
        char path[64];
        pid_t pid;

        CHECK_OK(pipe(ready));
        pid = CHECK_OK(fork());
        if (pid == 0) {
                CHECK_OK(unshare(CLONE_NEWUSER));
                CHECK_EQ(write(ready[1], "", 1), 1);
                (void)pause();
                _exit(0);
        }

        CHECK_EQ(read(ready[0], path, 1), 1);
        (void)snprintf(path, sizeof path, "/proc/%d/uid_map", (int)pid);
        CHECK_OK(file_write(path, "0 1879048192 65536"));
        (void)snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
        fd = CHECK_OK(open(path, O_RDONLY | O_CLOEXEC));
        CHECK_OK(kill(pid, SIGKILL));
        CHECK_OK(waitpid(pid, NULL, 0));
        return fd;
}

static void check_map_of_users_alone(void) {
        struct mount_attr attributes = {
                .attr_set = MOUNT_ATTR_IDMAP,
                .userns_fd = (uint64_t)open_users_only(),
        };
        int fd = CHECK_OK(mount_clone("source"));

        CHECK_FAILS(mount_setattr(fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes), EINVAL);
}

void test(const TestBed *bed) {
        int fd;

        (void)bed;

        CHECK_OK(mkdir("source", 0755));
        make_folder("source/both", OWNER, OWNER);
        make_folder("source/user-only", OWNER, BEYOND);
        CHECK_OK(mkdir("shifted", 0755));
        fd = CHECK_OK(mount_clone("source"));
        CHECK_OK(mount_shift(fd));
        CHECK_OK(mount_attach(fd, "shifted"));

        /* Each returns the old id, never an error; root's capabilities go with the user. */
        (void)setfsgid(SHIFT + OWNER);
        (void)setfsuid(SHIFT + OWNER);
        CHECK_OK(file_create("shifted/both/file"));
        CHECK_FAILS(file_create("shifted/user-only/file"), EACCES);
        (void)setfsuid(0);
        (void)setfsgid(0);

        check_map_of_users_alone();
}
