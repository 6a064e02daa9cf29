/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fact 13: unshare(CLONE_NEWTIME) holds for all later children of the manager, and the offsets
 * cannot be written again once a child is in the namespace (EACCES). setns() to the old namespace
 * returns; after a new unshare() new offsets can be written.
 *
 * For boot-tree: return with setns after the clone, and begin anew for each boot.
 *
 * Source: time_namespaces(7); measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <time.h>

static int64_t uptime_seconds(void) {
        struct timespec now;

        CHECK_OK(clock_gettime(CLOCK_BOOTTIME, &now));
        return now.tv_sec;
}

static void check_is_ahead(const void *data) {
        const int64_t *least_seconds = data;

        CHECK(uptime_seconds() >= *least_seconds);
}

static void check_is_not_ahead(const void *data) {
        const int64_t *least_seconds = data;

        CHECK(uptime_seconds() < *least_seconds);
}

void test(const TestBed *bed) {
        int64_t least_seconds = uptime_seconds() + 100000;
        const Payload ahead = { .body = check_is_ahead, .data = &least_seconds };
        const Payload not_ahead = { .body = check_is_not_ahead, .data = &least_seconds };
        int host_fd;

        (void)bed;

        host_fd = CHECK_OK(open("/proc/self/ns/time", O_RDONLY | O_CLOEXEC));

        CHECK_OK(unshare(CLONE_NEWTIME));
        CHECK_OK(file_write("/proc/self/timens_offsets", "boottime 100000 0"));
        payload_run(&ahead);
        payload_run(&ahead);
        CHECK_FAILS(file_write("/proc/self/timens_offsets", "boottime 0 0"), EACCES);

        CHECK_OK(setns(host_fd, CLONE_NEWTIME));
        payload_run(&not_ahead);

        CHECK_OK(unshare(CLONE_NEWTIME));
        CHECK_OK(file_write("/proc/self/timens_offsets", "boottime 200000 0"));
        payload_run(&ahead);
}
