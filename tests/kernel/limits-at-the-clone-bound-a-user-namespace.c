/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The soft limits of whoever makes a user namespace (MSGQUEUE, SIGPENDING, MEMLOCK, NPROC) are what
 * all of its users may have together, whatever a process in it sets for itself later.
 *
 * For boot-tree: the manager raises its own soft limits to what the payload is to have before it
 * clones, and lowers nothing.
 *
 * Source: create_user_ns() and inc_rlimit_ucounts() in the kernel; measured on 6.18.
 */

#include "kernel-test.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

/* The kernel's costs of a queue of 10 messages of 4096 bytes are well above the one limit, and well
 * below the other. */
enum { LITTLE = 4096, PLENTY = 400000 };

static void set_soft(rlim_t soft) {
        struct rlimit limit;

        CHECK_OK(getrlimit(RLIMIT_MSGQUEUE, &limit));
        CHECK(limit.rlim_max >= PLENTY);
        limit.rlim_cur = soft;
        CHECK_OK(setrlimit(RLIMIT_MSGQUEUE, &limit));
}

static mqd_t make_queue(void) {
        struct mq_attr attributes = { .mq_maxmsg = 10, .mq_msgsize = 4096 };

        return mq_open("/queue", O_CREAT | O_RDWR, 0600, &attributes);
}

static void has_plenty(const void *data) {
        (void)data;
        set_soft(PLENTY);
        CHECK_OK(make_queue());
}

static void has_plenty_in_vain(const void *data) {
        (void)data;
        set_soft(PLENTY);
        CHECK_FAILS(make_queue(), EMFILE);
}

void test(const TestBed *bed) {
        Payload payload = { .flags = CLONE_NEWUSER | CLONE_NEWIPC, .base = SHIFT };

        (void)bed;

        set_soft(PLENTY);
        payload.body = has_plenty;
        payload_run(&payload);

        set_soft(LITTLE);
        payload.body = has_plenty_in_vain;
        payload_run(&payload);
}
