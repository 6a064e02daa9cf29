/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 18: the parent-death signal is cleared when a process changes its ids (so also by becoming
 * root of its user namespace), and survives execve(). SIGKILL sent that way kills even the init of
 * a pid namespace in another user namespace.
 *
 * For boot-tree: the payload dies with its manager; the child sets the signal after its last
 * setresuid().
 *
 * Source: PR_SET_PDEATHSIG(2const); measured on 6.18.
 */

#include "kernel-test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int signal_get(void) {
        int number = -1;

        CHECK_OK(prctl(PR_GET_PDEATHSIG, &number));
        return number;
}

static void check_cleared_by_id_change(const void *data) {
        (void)data;

        CHECK_EQ(signal_get(), 0); /* kernel-test.c set it before it became root inside. */

        CHECK_OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
        CHECK_OK(setresuid(0, 0, 0));
        CHECK_EQ(signal_get(), SIGKILL); /* nothing changed */
        CHECK_OK(setresuid(1000, 1000, 1000));
        CHECK_EQ(signal_get(), 0);
}

/* The child closes its end of the pipe by exec. */
static void sleep_long(const void *data) {
        (void)data;

        CHECK_OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
        CHECK_OK(execl("/bin/sleep", "sleep", "60", NULL));
}

/* Starts it in a process that ends as soon as the child has called execve(). */
static void check_dies_with_its_parent(uint64_t flags) {
        const Payload payload = { flags, .base = SHIFT, .body = sleep_long };
        int running[2], status;
        pid_t parent;
        char byte;

        parent = CHECK_OK(fork());
        if (parent == 0) {
                CHECK_OK(pipe2(running, O_CLOEXEC));
                (void)payload_start(&payload);
                (void)close(running[1]);
                CHECK_EQ(read(running[0], &byte, 1), 0);
                _exit(EXIT_SUCCESS);
        }

        payload_wait(parent);

        /* The orphan is ours: test() runs as the init of a pid namespace. */
        CHECK_OK(waitpid(-1, &status, 0));
        CHECK(WIFSIGNALED(status));
        CHECK_EQ(WTERMSIG(status), SIGKILL);
}

void test(const TestBed *bed) {
        const Payload payload = { CLONE_NEWUSER, .base = SHIFT,
                .body = check_cleared_by_id_change };

        (void)bed;

        payload_run(&payload);
        check_dies_with_its_parent(0);
        check_dies_with_its_parent(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
}
