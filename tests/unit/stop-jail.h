/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A payload to be asked to stop, without a container: a copy of the test program under the name of
 * some init, PID 1 of a pid namespace, in a tree of its own by chroot(2). Signals that it blocks
 * stay pending, where the test can see them.
 *
 * While a test runs the tree is its working directory.
 */

#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "container/stop.h"

enum { ROOT_UID = 655360 };

typedef struct {
        char folder[sizeof "/tmp/test-stop.XXXXXX"];
        Process process;
        StopTarget target;
} Jail;

static inline uint64_t bit(int signal) {
        return UINT64_C(1) << (signal - 1);
}

/* The payload: argv is NAME "payload" ROOT SIGNALS FD. */
__attribute__((noreturn)) static inline void payload_main(char **argv) {
        uint64_t signals = strtoull(argv[3], NULL, 16);
        sigset_t set;

        sigemptyset(&set);
        for (int i = 1; i <= SIGRTMAX; i++) {
                (void)signal(i, SIG_DFL); /* a sanitizer catches some */
                if (signals & bit(i))
                        sigaddset(&set, i);
        }
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || sigprocmask(SIG_SETMASK, &set, NULL) < 0 ||
                        chroot(argv[2]) < 0 || chdir("/") < 0)
                _exit(EXIT_FAILURE);

        (void)close(atoi(argv[4])); /* "I am ready" */
        for (;;)
                (void)pause();
}

static inline int jail_make(void **state) {
        Jail *jail = calloc(1, sizeof *jail);

        assert_non_null(jail);
        *jail = (Jail){ .folder = "/tmp/test-stop.XXXXXX", .process = PROCESS_NONE };
        jail->target = (StopTarget){ .process = &jail->process, .root_uid = ROOT_UID };
        assert_non_null(mkdtemp(jail->folder));
        assert_int_equal(chdir(jail->folder), 0);
        assert_int_equal(mkdir("root", 0755), 0);
        assert_int_equal(chdir("root"), 0);
        assert_int_equal(mkdir("run", 0755), 0);
        *state = jail;
        return 0;
}

static inline int jail_remove(void **state) {
        Jail *jail = *state;
        char command[64];

        process_done(&jail->process);
        assert_int_equal(chdir("/"), 0);
        (void)snprintf(command, sizeof command, "rm -rf --one-file-system %s", jail->folder);
        assert_int_equal(system(command), 0);
        free(jail);
        return 0;
}

/* Starts a payload under the name PROGRAM that blocks SIGNALS. */
static inline void jail_start(Jail *jail, const char *program, uint64_t signals) {
        char path[256], root[64], mask[32], fd[DECIMAL_MAX], byte;
        int ready[2];

        process_done(&jail->process);
        (void)snprintf(root, sizeof root, "%s/root", jail->folder);
        (void)snprintf(path, sizeof path, "cp /proc/%d/exe %s/%s", getpid(), jail->folder, program);
        assert_int_equal(system(path), 0);
        (void)snprintf(path, sizeof path, "%s/%s", jail->folder, program);
        (void)snprintf(mask, sizeof mask, "%llx", (unsigned long long)signals);
        assert_int_equal(pipe(ready), 0);
        (void)snprintf(fd, sizeof fd, "%d", ready[1]);

        jail->process.pid =
                        (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
        if (jail->process.pid == 0) {
                (void)execl(path, path, "payload", root, mask, fd, NULL);
                _exit(EXIT_FAILURE);
        }
        assert_true(jail->process.pid > 0);
        jail->process.pidfd = pidfd_open(jail->process.pid, 0);
        assert_true(jail->process.pidfd >= 0);

        (void)close(ready[1]);
        assert_int_equal(read(ready[0], &byte, 1), 0);
        (void)close(ready[0]);
        assert_int_equal(process_signal(&jail->process, 0), 0);
}

/* The signals that the payload was sent. */
static inline uint64_t pending(const Jail *jail) {
        char path[64], status[8192];
        const char *line;

        (void)snprintf(path, sizeof path, "/proc/%d/status", jail->process.pid);
        assert_true(io_read_file(AT_FDCWD, path, status, sizeof status) > 0);
        line = strstr(status, "\nShdPnd:");
        assert_non_null(line);
        return strtoull(line + strlen("\nShdPnd:"), NULL, 16);
}

#define JAIL_TEST(test) cmocka_unit_test_setup_teardown(test, jail_make, jail_remove)

/* The start of main(): the payload does not come back from it. Whether the tests can run. */
static inline bool jail_begin(int argc, char **argv) {
        if (argc == 5)
                payload_main(argv);
        if (geteuid() != 0) {
                (void)puts("1..0 # SKIP machine lacks: root (chroot and other ids)");
                return false;
        }

        /* The mounts of the tests stay among themselves. */
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
                perror("Failed to make a mount namespace");
                exit(EXIT_FAILURE);
        }
        return true;
}
