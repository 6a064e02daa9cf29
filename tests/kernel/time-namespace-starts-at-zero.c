/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 8: the manager unshares CLONE_NEWTIME, writes /proc/self/timens_offsets, then clones: the
 * child sees an uptime from zero, the manager's own clocks stay as they are.
 *
 * For boot-tree: the time namespace is not one of clone3()'s flags for the payload (CLONE_NEWTIME
 * is, but then nobody could write the offsets before the first process is in it).
 *
 * Source: time_namespaces(7); measured on 6.18.
 */

#include "kernel-test.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t seconds_of(clockid_t clock) {
        struct timespec now;

        CHECK_OK(clock_gettime(clock, &now));
        return now.tv_sec;
}

static void inside(const void *data) {
        char uptime[128];

        (void)data;

        CHECK(seconds_of(CLOCK_MONOTONIC) < 10);
        CHECK(seconds_of(CLOCK_BOOTTIME) < 10);
        CHECK_OK(file_read("/proc/uptime", uptime, sizeof uptime));
        CHECK(atoi(uptime) < 10);
}

void test(const TestBed *bed) {
        const Payload payload = { CLONE_NEWUSER | CLONE_NEWNS, .base = SHIFT, .body = inside };
        int64_t monotonic = seconds_of(CLOCK_MONOTONIC), boottime = seconds_of(CLOCK_BOOTTIME);
        char offsets[128];

        (void)bed;

        if (monotonic < 20)
                skip("this machine itself has just started");

        CHECK_OK(unshare(CLONE_NEWTIME));
        (void)snprintf(offsets, sizeof offsets, "monotonic -%lld 0\nboottime -%lld 0\n",
                        (long long)monotonic, (long long)boottime);
        CHECK_OK(file_write("/proc/self/timens_offsets", offsets));

        payload_run(&payload);
        CHECK(seconds_of(CLOCK_MONOTONIC) >= monotonic);
}
