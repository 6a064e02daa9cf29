/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub/image.h"
#include "sys/sealed-program.h"

static void nobody_can_change_it(void **state) {
        int fd = sealed_program_open("test", "text", 4);
        struct stat st;

        (void)state;
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0111);
        assert_int_equal(st.st_size, 4);

        assert_int_equal(pwrite(fd, "x", 1, 0), -1);
        assert_int_equal(errno, EPERM);
        assert_int_equal(ftruncate(fd, 2), -1);
        assert_int_equal(ftruncate(fd, 8), -1);
        assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), -1);
        (void)close(fd);
}

/* Without somebody at the other end of its input it has nothing to do. */
static void the_stub_runs_from_memory(void **state) {
        int fd = sealed_program_open("test", stub_image, stub_image_size), status;
        char *const arguments[] = { "stub", NULL }, *const environment[] = { NULL };
        pid_t pid;

        (void)state;
        assert_true(fd >= 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)close(STDIN_FILENO);
                (void)execveat(fd, "", arguments, environment, AT_EMPTY_PATH);
                _exit(1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 255);
        (void)close(fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nobody_can_change_it),
                cmocka_unit_test(the_stub_runs_from_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
