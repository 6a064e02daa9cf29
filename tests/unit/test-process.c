/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/io.h"
#include "base/macro.h"
#include "sys/process.h"

#define TIMEOUT_US (10 * USEC_PER_SEC)

static Process start(void (*work)(void)) {
        Process process = PROCESS_NONE;
        int r = process_fork(&process);

        if (r == 0) {
                work();
                _exit(EXIT_FAILURE);
        }
        assert_int_equal(r, 1);
        return process;
}

static void wait_for_events(void) {
        struct epoll_event event;

        (void)epoll_wait(epoll_create1(0), &event, 1, -1);
}

static void wait_for_a_signal(void) {
        (void)pause();
}

static bool is_asleep(const Process *process) {
        char path[64], text[1024];

        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)process->pid);
        return io_read_file(AT_FDCWD, path, text, sizeof text) > 0 && strstr(text, ") S ");
}

static void await(bool (*is_so)(const Process *), const Process *process) {
        uint64_t deadline_us = clock_monotonic_us() + TIMEOUT_US;

        while (!is_so(process)) {
                assert_true(clock_monotonic_us() < deadline_us);
                (void)usleep(1000);
        }
}

static void who_waits_for_events_is_told_from_other_sleepers(void **state) {
        Process waiter = start(wait_for_events), sleeper = start(wait_for_a_signal);
        const Process none = PROCESS_NONE;

        (void)state;
        await(process_awaits_events, &waiter);
        await(is_asleep, &sleeper);
        assert_false(process_awaits_events(&sleeper));
        assert_false(process_awaits_events(&none));
        process_done(&waiter);
        process_done(&sleeper);
}

static void a_forked_child_can_be_waited_for(void **state) {
        Process process = start(wait_for_a_signal);
        siginfo_t info;

        (void)state;
        assert_int_equal(process_wait(&process, clock_monotonic_us(), &info), -ETIMEDOUT);
        assert_int_equal(process_signal(&process, SIGTERM), 0);
        assert_int_equal(process_wait(&process, clock_monotonic_us() + TIMEOUT_US, &info), 0);
        assert_int_equal(info.si_status, SIGTERM);
        assert_false(process_is_set(&process));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_for_events_is_told_from_other_sleepers),
        cmocka_unit_test(a_forked_child_can_be_waited_for),
};

UNIT_TEST_MAIN(tests)
