/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Swaps the names of pairs of files, "A B [A B …]", until it is killed or its parent ends: one pair
 * at a time, chosen at random, and back again after a moment. Whoever looks at several of them gets
 * far, and is wrong about one. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static void wait_some_of(long microseconds) {
        struct timespec time = { .tv_nsec = random() % microseconds * 1000 };

        nanosleep(&time, NULL);
}

static void swap(char **pair) {
        if (renameat2(AT_FDCWD, pair[0], AT_FDCWD, pair[1], RENAME_EXCHANGE) < 0) {
                perror(pair[0]);
                exit(1);
        }
}

int main(int argc, char **argv) {
        int n_pairs = (argc - 1) / 2;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_TIMERSLACK, 1);
        if (n_pairs == 0 || write(1, "up\n", 3) < 0)
                return 1;
        for (;;) {
                char **pair = argv + 1 + random() % n_pairs * 2;

                swap(pair);
                wait_some_of(random() % 2 ? 20 : 2000);
                swap(pair);
                wait_some_of(200);
        }
}
