/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The floor of the start benchmark: the least that a container tool must do.
 *
 *     floor TREE COMMAND [ARGUMENT…]
 *
 * One clone3() with all namespaces, an id map, the tree idmapped, a private /dev with its nodes,
 * /proc and /sys, pivot_root, exec. No options, no console, no cgroup of its own, no seccomp
 * filter, no care for hostile trees: this is a measure, not a tool. It ends with the status of
 * COMMAND.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHIFT     "1879048192"
#define ID_MAP    "0 " SHIFT " 65536"
#define DEMAND(r) demand((r), #r, __LINE__)

static int demand(int64_t result, const char *call, int line) {
        if (result >= 0)
                return (int)result;

        fprintf(stderr, "floor.c:%d: %s: %s\n", line, call, strerror(errno));
        _exit(EXIT_FAILURE);
}

static pid_t clone_with(uint64_t flags) {
        struct clone_args arguments = { .flags = flags, .exit_signal = SIGCHLD };

        return DEMAND(syscall(SYS_clone3, &arguments, sizeof arguments));
}

static void write_map(pid_t pid, const char *name) {
        char path[64];
        int fd;

        (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
        fd = DEMAND(open(path, O_WRONLY | O_CLOEXEC));
        (void)DEMAND(write(fd, ID_MAP, strlen(ID_MAP)));
        (void)close(fd);
}

static void write_maps(pid_t pid) {
        write_map(pid, "uid_map");
        write_map(pid, "gid_map");
}

static int user_namespace_open(void) {
        char path[64];
        pid_t pid;
        int fd;

        pid = clone_with(CLONE_NEWUSER);
        if (pid == 0)
                for (;;)
                        (void)pause();

        write_maps(pid);
        (void)snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
        fd = DEMAND(open(path, O_RDONLY | O_CLOEXEC));
        (void)DEMAND(kill(pid, SIGKILL));
        (void)DEMAND(waitpid(pid, NULL, 0));

        return fd;
}

static int file_system_new(const char *type, bool is_dev) {
        int context_fd, mount_fd;

        context_fd = DEMAND(fsopen(type, FSOPEN_CLOEXEC));
        if (is_dev) {
                (void)DEMAND(fsconfig(context_fd, FSCONFIG_SET_STRING, "mode", "0755", 0));
                (void)DEMAND(fsconfig(context_fd, FSCONFIG_SET_STRING, "uid", SHIFT, 0));
                (void)DEMAND(fsconfig(context_fd, FSCONFIG_SET_STRING, "gid", SHIFT, 0));
        }

        (void)DEMAND(fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
        mount_fd = DEMAND(fsmount(context_fd, FSMOUNT_CLOEXEC, 0));
        (void)close(context_fd);

        return mount_fd;
}

static void attach(int mount_fd, const char *path) {
        (void)DEMAND(move_mount(mount_fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH));
}

static int dev_new(void) {
        static const struct {
                const char *name;
                unsigned minor;
        } nodes[] = {
                { "null", 3 },
                { "zero", 5 },
                { "full", 7 },
                { "random", 8 },
                { "urandom", 9 },
        };
        int fd;

        (void)umask(0);
        fd = file_system_new("tmpfs", /* is_dev= */ true);
        for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
                (void)DEMAND(mknodat(
                                fd, nodes[i].name, S_IFCHR | 0666, makedev(1, nodes[i].minor)));

        return fd;
}

/* The tree is entered as the working directory, which alone crosses the clone. */
static void assemble(const char *tree) {
        struct mount_attr idmapped = {
                .attr_set = MOUNT_ATTR_IDMAP,
                .propagation = MS_PRIVATE,
                .userns_fd = (uint64_t)user_namespace_open(),
        };
        int root_fd;

        (void)DEMAND(unshare(CLONE_NEWNS));
        (void)DEMAND(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));

        root_fd = DEMAND(open_tree(AT_FDCWD, tree, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
        (void)DEMAND(mount_setattr(root_fd, "", AT_EMPTY_PATH, &idmapped, sizeof idmapped));
        attach(root_fd, tree);
        (void)DEMAND(fchdir(root_fd));
        attach(dev_new(), "dev");
}

static _Noreturn void inside(int mapped_fd, char **command) {
        char byte;
        int root_fd;

        (void)DEMAND(read(mapped_fd, &byte, 1));
        (void)DEMAND(setgroups(0, NULL));
        (void)DEMAND(setresgid(0, 0, 0));
        (void)DEMAND(setresuid(0, 0, 0));
        (void)DEMAND(prctl(PR_SET_PDEATHSIG, SIGKILL));

        attach(file_system_new("proc", /* is_dev= */ false), "proc");
        attach(file_system_new("sysfs", /* is_dev= */ false), "sys");

        root_fd = DEMAND(open_tree(
                        AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
        attach(root_fd, ".");
        (void)DEMAND(fchdir(root_fd));
        (void)DEMAND(syscall(SYS_pivot_root, ".", "."));
        (void)DEMAND(umount2(".", MNT_DETACH));
        (void)DEMAND(sethostname("floor", strlen("floor")));

        (void)DEMAND(execv(command[0], command));
        _exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
        int mapped[2], status;
        pid_t pid;

        if (argc < 3) {
                fprintf(stderr, "Usage: floor TREE COMMAND [ARGUMENT...]\n");
                return EXIT_FAILURE;
        }

        assemble(argv[1]);
        (void)DEMAND(pipe2(mapped, O_CLOEXEC));

        pid = clone_with(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
                         CLONE_NEWNET | CLONE_NEWCGROUP);
        if (pid == 0)
                inside(mapped[0], argv + 2);

        write_maps(pid);
        (void)DEMAND(write(mapped[1], "", 1));
        (void)DEMAND(waitpid(pid, &status, 0));

        return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
