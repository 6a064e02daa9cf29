/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/lock.h"

typedef struct {
        char folder[32];
        int fd;
} Bed;

static int set_up(void **state) {
        Bed *bed = calloc(1, sizeof *bed);

        assert_non_null(bed);
        (void)snprintf(bed->folder, sizeof bed->folder, "/tmp/test-lock-XXXXXX");
        assert_non_null(mkdtemp(bed->folder));
        bed->fd = open(bed->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(bed->fd >= 0);
        *state = bed;
        return 0;
}

static int tear_down(void **state) {
        Bed *bed = *state;

        (void)unlinkat(bed->fd, "lock", 0);
        (void)rmdir(bed->folder);
        (void)close(bed->fd);
        free(bed);
        return 0;
}

static void a_writer_keeps_everybody_out(void **state) {
        const Bed *bed = *state;
        int fd = lock_acquire(bed->fd, "lock", /* exclusive= */ true);

        assert_true(fd >= 0);
        assert_int_equal(lock_acquire(bed->fd, "lock", /* exclusive= */ false), -EBUSY);
        assert_int_equal(lock_acquire(bed->fd, "lock", /* exclusive= */ true), -EBUSY);
        assert_int_equal(lock_release(fd, bed->fd, "lock"), -EBADF);
}

static void readers_share_and_keep_writers_out(void **state) {
        const Bed *bed = *state;
        int one = lock_acquire(bed->fd, "lock", /* exclusive= */ false);
        int two = lock_acquire(bed->fd, "lock", /* exclusive= */ false);

        assert_true(one >= 0);
        assert_true(two >= 0);
        assert_int_equal(lock_acquire(bed->fd, "lock", /* exclusive= */ true), -EBUSY);
        (void)lock_release(one, bed->fd, "lock");
        assert_int_equal(lock_acquire(bed->fd, "lock", /* exclusive= */ true), -EBUSY);
        (void)lock_release(two, bed->fd, "lock");
}

static void the_last_one_takes_the_file_away(void **state) {
        const Bed *bed = *state;
        int one = lock_acquire(bed->fd, "lock", /* exclusive= */ false);
        int two = lock_acquire(bed->fd, "lock", /* exclusive= */ false);

        (void)lock_release(one, bed->fd, "lock");
        assert_int_equal(faccessat(bed->fd, "lock", F_OK, 0), 0);
        (void)lock_release(two, bed->fd, "lock");
        assert_int_equal(faccessat(bed->fd, "lock", F_OK, 0), -1);
}

/* Readers come and go; none of them may take another's end for a writer. */
static void readers_never_see_a_writer_in_readers_that_end(void **state) {
        enum { PROCESSES = 4, ROUNDS = 3000 };
        const Bed *bed = *state;

        for (int i = 0; i < PROCESSES; i++) {
                pid_t pid = fork();

                assert_true(pid >= 0);
                for (int j = 0; pid == 0 && j < ROUNDS; j++) {
                        int fd = lock_acquire(bed->fd, "lock", /* exclusive= */ false);

                        if (fd < 0)
                                _exit(1);
                        (void)lock_release(fd, bed->fd, "lock");
                }
                if (pid == 0)
                        _exit(0);
        }

        for (int i = 0; i < PROCESSES; i++) {
                int status;

                assert_true(wait(&status) > 0);
                assert_int_equal(status, 0);
        }
        assert_int_equal(faccessat(bed->fd, "lock", F_OK, 0), -1);
}

static void tell(int fd) {
        assert_int_equal(write(fd, "x", 1), 1);
}

/* False at the end of what the other side says. */
static bool hear(int fd) {
        char byte;

        return read(fd, &byte, 1) == 1;
}

/* The other of two readers, in a process of its own: takes the lock and gives it back when told. */
static void read_as_told(const Bed *bed, int ask_fd, int answer_fd) {
        while (hear(ask_fd)) {
                int fd = lock_acquire(bed->fd, "lock", /* exclusive= */ false);

                if (fd < 0)
                        _exit(1);
                tell(answer_fd);
                if (!hear(ask_fd))
                        _exit(1);
                (void)lock_release(fd, bed->fd, "lock");
                tell(answer_fd);
        }
        _exit(0);
}

static void of_two_readers_that_end_at_once_one_takes_the_file_away(void **state) {
        enum { ROUNDS = 3000 };
        const Bed *bed = *state;
        int ask[2], answer[2], status;
        pid_t pid;

        assert_int_equal(pipe2(ask, O_CLOEXEC), 0);
        assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)close(ask[1]);
                read_as_told(bed, ask[0], answer[1]);
        }

        for (int i = 0; i < ROUNDS; i++) {
                int fd = lock_acquire(bed->fd, "lock", /* exclusive= */ false);

                assert_true(fd >= 0);
                tell(ask[1]);
                assert_true(hear(answer[0]));
                tell(ask[1]);
                (void)lock_release(fd, bed->fd, "lock");
                assert_true(hear(answer[0]));
                assert_int_equal(faccessat(bed->fd, "lock", F_OK, 0), -1);
        }

        (void)close(ask[1]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        (void)close(ask[0]);
        (void)close(answer[0]);
        (void)close(answer[1]);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_writer_keeps_everybody_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readers_share_and_keep_writers_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_one_takes_the_file_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readers_never_see_a_writer_in_readers_that_end,
                        set_up,
                        tear_down),
        cmocka_unit_test_setup_teardown(of_two_readers_that_end_at_once_one_takes_the_file_away,
                        set_up,
                        tear_down),
};

UNIT_TEST_MAIN(tests)
