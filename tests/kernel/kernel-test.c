/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_SKIP = 77, DEADLINE_MS = 10000 };

/* Checks ------------------------------------------------------------------------------------ */

static _Noreturn void failed(const char *file, int line) {
        fprintf(stderr, "  at %s:%d\n", file, line);
        _exit(EXIT_FAILURE);
}

void check_true(bool condition, const char *text, const char *file, int line) {
        if (condition)
                return;

        fprintf(stderr, "FAILED: '%s': expected true, got false\n", text);
        failed(file, line);
}

void check_equal(int64_t actual, int64_t expected, const char *text, const char *file, int line) {
        if (actual == expected)
                return;

        fprintf(stderr, "FAILED: '%s': expected %" PRId64 ", got %" PRId64 "\n", text, expected,
                        actual);
        failed(file, line);
}

void check_text(const char *actual,
                const char *expected,
                const char *text,
                const char *file,
                int line) {
        if (strcmp(actual, expected) == 0)
                return;

        fprintf(stderr, "FAILED: '%s': expected \"%s\", got \"%s\"\n", text, expected, actual);
        failed(file, line);
}

int check_ok(int64_t result, const char *text, const char *file, int line) {
        if (result >= 0)
                return (int)result;

        fprintf(stderr, "FAILED: '%s': expected success, got %s\n", text, strerrorname_np(errno));
        failed(file, line);
}

void check_fails(int64_t result, int error, const char *text, const char *file, int line) {
        if (result < 0 && errno == error)
                return;

        fprintf(stderr, "FAILED: '%s': expected %s, got %s\n", text, strerrorname_np(error),
                        result < 0 ? strerrorname_np(errno) : "success");
        failed(file, line);
}

void skip(const char *reason) {
        fprintf(stderr, "SKIPPED: %s\n", reason);
        _exit(EXIT_SKIP);
}

bool kernel_at_least(unsigned major, unsigned minor) {
        struct utsname name;
        unsigned running_major = 0, running_minor = 0;

        CHECK_OK(uname(&name));
        CHECK_EQ(sscanf(name.release, "%u.%u", &running_major, &running_minor), 2);

        return running_major > major || (running_major == major && running_minor >= minor);
}

/* Processes --------------------------------------------------------------------------------- */

int raw_clone3(const void *arguments, size_t size) {
        return (int)syscall(SYS_clone3, arguments, size);
}

static void write_map(pid_t pid, const char *name, uint32_t base) {
        char path[64], map[64];

        (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
        (void)snprintf(map, sizeof map, "0 %" PRIu32 " %d\n", base, N_IDS);
        CHECK_OK(file_write(path, map));
}

static _Noreturn void payload_main(const Payload *payload, int mapped_fd) {
        char byte;

        CHECK_OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
        CHECK_EQ(read(mapped_fd, &byte, 1), 1);
        (void)close(mapped_fd);

        if (payload->flags & CLONE_NEWUSER) {
                CHECK_OK(setgroups(0, NULL));
                CHECK_OK(setresgid(0, 0, 0));
                CHECK_OK(setresuid(0, 0, 0));
                /* The id change made us undumpable; a nested payload must write below /proc/PID. */
                CHECK_OK(prctl(PR_SET_DUMPABLE, 1));
        }

        payload->body(payload->data);
        _exit(EXIT_SUCCESS);
}

pid_t payload_start(const Payload *payload) {
        struct clone_args arguments = {
                .flags = payload->flags,
                .exit_signal = SIGCHLD,
                .cgroup = payload->flags & CLONE_INTO_CGROUP ? (uint64_t)payload->cgroup_fd : 0,
        };
        int mapped[2];
        pid_t pid;

        CHECK_OK(pipe2(mapped, O_CLOEXEC));

        pid = CHECK_OK(raw_clone3(&arguments, sizeof arguments));
        if (pid == 0)
                payload_main(payload, mapped[0]);

        if (payload->flags & CLONE_NEWUSER) {
                write_map(pid, "uid_map", payload->base);
                write_map(pid, "gid_map", payload->base);
        }

        CHECK_EQ(write(mapped[1], "", 1), 1);
        (void)close(mapped[0]);
        (void)close(mapped[1]);

        return pid;
}

void payload_wait(pid_t pid) {
        int status;

        CHECK_OK(waitpid(pid, &status, 0));
        if (WIFEXITED(status) && WEXITSTATUS(status) != EXIT_SUCCESS)
                _exit(WEXITSTATUS(status)); /* The child has said what is wrong. */

        CHECK_EQ(status, 0);
}

void payload_run(const Payload *payload) {
        payload_wait(payload_start(payload));
}

static _Noreturn void wait_forever(const void *data) {
        (void)data;

        for (;;)
                (void)pause();
}

int user_namespace_open(void) {
        const Payload payload = { .flags = CLONE_NEWUSER, .base = SHIFT, .body = wait_forever };
        char path[64];
        pid_t pid;
        int fd;

        pid = payload_start(&payload);
        (void)snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
        fd = CHECK_OK(open(path, O_RDONLY | O_CLOEXEC));

        CHECK_OK(kill(pid, SIGKILL));
        CHECK_OK(waitpid(pid, NULL, 0));

        return fd;
}

/* Mounts ------------------------------------------------------------------------------------ */

int mount_new(const char *type, const char *const *options) {
        int context_fd, mount_fd = -1, r;

        context_fd = fsopen(type, FSOPEN_CLOEXEC);
        if (context_fd < 0)
                return -1;

        for (; options && *options; options += 2) {
                r = fsconfig(context_fd, FSCONFIG_SET_STRING, options[0], options[1], 0);
                if (r < 0)
                        goto finish;
        }

        r = fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
        if (r < 0)
                goto finish;

        mount_fd = fsmount(context_fd, FSMOUNT_CLOEXEC, 0);

finish:
        r = errno;
        (void)close(context_fd);
        errno = r;
        return mount_fd;
}

int mount_clone(const char *path) {
        return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

int mount_change(int mount_fd, uint64_t set, uint64_t clear) {
        struct mount_attr attributes = { .attr_set = set, .attr_clr = clear };

        return mount_setattr(mount_fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

int mount_shift(int mount_fd) {
        int user_namespace_fd = user_namespace_open();
        struct mount_attr attributes = {
                .attr_set = MOUNT_ATTR_IDMAP,
                .userns_fd = (uint64_t)user_namespace_fd,
        };
        int r, error;

        r = mount_setattr(mount_fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
        error = errno;
        (void)close(user_namespace_fd);
        errno = error;

        return r;
}

int mount_attach(int mount_fd, const char *path) {
        return move_mount(mount_fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

int raw_pivot_root(const char *new_root, const char *put_old) {
        return (int)syscall(SYS_pivot_root, new_root, put_old);
}

void switch_root(void) {
        int tree_fd;

        tree_fd = CHECK_OK(mount_clone("."));
        CHECK_OK(mount_attach(tree_fd, "."));
        CHECK_OK(fchdir(tree_fd));
        CHECK_OK(raw_pivot_root(".", "."));
        CHECK_OK(umount2(".", MNT_DETACH));
        (void)close(tree_fd);
}

void tree_enter(void) {
        static const char *const directories[] = { "proc", "sys", "dev", "run", "tmp" };
        char shift[16];
        const char *const options[] = { "mode", "0755", "uid", shift, "gid", shift, NULL };
        int fd;

        (void)snprintf(shift, sizeof shift, "%d", SHIFT);
        CHECK_OK(mkdir("tree", 0755));
        fd = CHECK_OK(mount_new("tmpfs", options));
        CHECK_OK(mount_attach(fd, "tree"));
        CHECK_OK(fchdir(fd));
        (void)close(fd);

        for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
                CHECK_OK(mkdir(directories[i], 0755));
                CHECK_OK(chown(directories[i], SHIFT, SHIFT));
        }
}

/* Small files ------------------------------------------------------------------------------- */

int file_write(const char *path, const char *text) {
        int fd, error;
        ssize_t n;

        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -1;

        n = write(fd, text, strlen(text));
        error = errno;
        (void)close(fd);
        errno = error;

        return n < 0 ? -1 : 0;
}

int file_read(const char *path, char *buffer, size_t size) {
        int fd, error;
        ssize_t n;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -1;

        n = read(fd, buffer, size - 1);
        error = errno;
        (void)close(fd);
        errno = error;
        if (n < 0)
                return -1;

        buffer[n] = 0;
        return (int)n;
}

int file_create(const char *path) {
        int fd;

        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
                return -1;

        return close(fd);
}

/* main -------------------------------------------------------------------------------------- */

/* Where this program keeps what the kernel cannot drop by itself. */
typedef struct Leftovers {
        TestBed bed;
        int cgroup_root_fd;
        char cgroup_name[64];
        char disk_path[64]; /* empty if the scratch directory is a tmpfs */
} Leftovers;

/* A mount point of cgroup2. We do not mount one ourselves: from the initial cgroup namespace that
 * would also reset the options (nsdelegate, …) of the host's. */
static int cgroup_root_open(void) {
        char line[4096], path[4096];
        int fd = -EBADF;
        FILE *file;

        file = fopen("/proc/self/mountinfo", "re");
        if (!file)
                return -EBADF;

        while (fd < 0 && fgets(line, sizeof line, file))
                if (strstr(line, " - cgroup2 ") &&
                                sscanf(line, "%*s %*s %*s %*s %4095s", path) == 1)
                        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void)fclose(file);
        return fd < 0 ? -EBADF : fd;
}

static void leftovers_make(Leftovers *leftovers) {
        *leftovers = (Leftovers){
                .bed.cgroup_fd = -EBADF,
                .cgroup_root_fd = cgroup_root_open(),
        };

        (void)snprintf(leftovers->cgroup_name, sizeof leftovers->cgroup_name,
                        "boot-tree-kernel-test-%d", (int)getpid());

        if (leftovers->cgroup_root_fd >= 0 &&
                        mkdirat(leftovers->cgroup_root_fd, leftovers->cgroup_name, 0755) >= 0)
                leftovers->bed.cgroup_fd = CHECK_OK(openat(leftovers->cgroup_root_fd,
                                leftovers->cgroup_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

        /* Linux < 6.3: tmpfs cannot be idmapped, so the scratch directory is on a disk. */
        if (!kernel_at_least(6, 3)) {
                (void)strcpy(leftovers->disk_path, "/var/tmp/boot-tree-kernel-test-XXXXXX");
                CHECK(mkdtemp(leftovers->disk_path) != NULL);
        }
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *position) {
        (void)status;
        (void)type;
        (void)position;

        return remove(path);
}

static int leftovers_remove(const Leftovers *leftovers) {
        int r = 0;

        if (leftovers->bed.cgroup_fd >= 0)
                r = unlinkat(leftovers->cgroup_root_fd, leftovers->cgroup_name, AT_REMOVEDIR);
        if (r < 0)
                perror("Failed to remove our cgroup");

        if (leftovers->disk_path[0] && nftw(leftovers->disk_path, remove_one, 16,
                                                       FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0)
                r = -1;

        return r;
}

static void scratch_enter(const char *disk_path) {
        int fd;

        CHECK_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));

        /* Our pid namespace needs a /proc of its own. */
        fd = CHECK_OK(mount_new("proc", /* options= */ NULL));
        CHECK_OK(mount_attach(fd, "/proc"));
        (void)close(fd);

        if (disk_path[0])
                fd = CHECK_OK(mount_clone(disk_path));
        else
                fd = CHECK_OK(mount_new("tmpfs", /* options= */ NULL));
        CHECK_OK(mount_attach(fd, "/tmp"));
        CHECK_OK(fchdir(fd));
        CHECK_OK(chmod(".", 0755));
        (void)close(fd);
}

static pid_t test_start(const Leftovers *leftovers, int *ret_pidfd) {
        struct clone_args arguments = {
                .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_PIDFD,
                .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
                .exit_signal = SIGCHLD,
        };
        pid_t pid;

        pid = CHECK_OK(raw_clone3(&arguments, sizeof arguments));
        if (pid > 0)
                return pid;

        CHECK_OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
        scratch_enter(leftovers->disk_path);
        test(&leftovers->bed);
        _exit(EXIT_SUCCESS);
}

int main(void) {
        Leftovers leftovers;
        struct pollfd done;
        int pidfd, status, r;
        pid_t pid;

        if (geteuid() != 0)
                skip("needs root");

        leftovers_make(&leftovers);
        pid = test_start(&leftovers, &pidfd);

        done = (struct pollfd){ .fd = pidfd, .events = POLLIN };
        r = poll(&done, 1, DEADLINE_MS);
        if (r <= 0) {
                fprintf(stderr, "FAILED: not finished after %d ms\n", DEADLINE_MS);
                (void)kill(pid, SIGKILL);
        }

        CHECK_OK(waitpid(pid, &status, 0));
        r = leftovers_remove(&leftovers);
        if (r < 0 || !WIFEXITED(status))
                return EXIT_FAILURE;

        return WEXITSTATUS(status);
}
