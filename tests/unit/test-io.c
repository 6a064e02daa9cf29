/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

typedef struct {
        char path[32];
        int fd;
} Folder;

static int folder_make(void **state) {
        Folder *folder = calloc(1, sizeof *folder);

        assert_non_null(folder);
        strcpy(folder->path, "/tmp/test-io.XXXXXX");
        assert_non_null(mkdtemp(folder->path));
        folder->fd = open(folder->path, O_DIRECTORY | O_CLOEXEC);
        assert_true(folder->fd >= 0);
        *state = folder;
        return 0;
}

/* Tests use these names only, so removing them empties the folder. */
static int folder_remove(void **state) {
        static const char *const names[] = { "file", "file.new", "fifo", "link" };
        Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void)unlinkat(folder->fd, names[i], 0);
        assert_int_equal(rmdir(folder->path), 0);
        (void)close(folder->fd);
        free(folder);
        return 0;
}

static void replaced_file_has_the_text_and_the_mode(void **state) {
        const Folder *folder = *state;
        char buffer[16];
        struct stat st;

        assert_int_equal(io_replace_file(folder->fd, "file", "one", 0640), 0);
        assert_int_equal(io_replace_file(folder->fd, "file", "two", 0640), 0);
        assert_int_equal(io_read_file(folder->fd, "file", buffer, sizeof buffer), 3);
        assert_string_equal(buffer, "two");
        assert_int_equal(fstatat(folder->fd, "file", &st, 0), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
        assert_int_equal(faccessat(folder->fd, "file.new", F_OK, 0), -1);
}

static void replacing_does_not_follow_a_planted_link(void **state) {
        const Folder *folder = *state;
        char buffer[16];

        assert_int_equal(io_replace_file(folder->fd, "file", "safe", 0600), 0);
        assert_int_equal(symlinkat("file", folder->fd, "link"), 0);
        assert_int_equal(renameat(folder->fd, "link", folder->fd, "file.new"), 0);
        assert_int_equal(io_replace_file(folder->fd, "file", "bad", 0600), -ELOOP);
        assert_int_equal(io_read_file(folder->fd, "file", buffer, sizeof buffer), 4);
        assert_string_equal(buffer, "safe");
}

static void file_that_fills_the_buffer_is_too_big(void **state) {
        const Folder *folder = *state;
        char buffer[5];

        assert_int_equal(io_replace_file(folder->fd, "file", "1234", 0600), 0);
        assert_int_equal(io_read_file(folder->fd, "file", buffer, sizeof buffer), 4);
        assert_int_equal(io_replace_file(folder->fd, "file", "12345", 0600), 0);
        assert_int_equal(io_read_file(folder->fd, "file", buffer, sizeof buffer), -EFBIG);
}

static void only_regular_files_are_read_and_nothing_blocks(void **state) {
        const Folder *folder = *state;
        char buffer[16];

        assert_int_equal(mkfifoat(folder->fd, "fifo", 0600), 0);
        assert_int_equal(io_read_file(folder->fd, "fifo", buffer, sizeof buffer), -EBADFD);
        assert_int_equal(io_read_file(folder->fd, ".", buffer, sizeof buffer), -EBADFD);
        assert_int_equal(io_read_file(AT_FDCWD, "/dev/zero", buffer, sizeof buffer), -EBADFD);
        assert_int_equal(io_read_file(folder->fd, "missing", buffer, sizeof buffer), -ENOENT);
}

static void writing_needs_an_existing_file(void **state) {
        const Folder *folder = *state;
        char buffer[16];

        assert_int_equal(io_write_file(folder->fd, "file", "x"), -ENOENT);
        assert_int_equal(io_replace_file(folder->fd, "file", "", 0600), 0);
        assert_int_equal(io_write_file(folder->fd, "file", "x"), 0);
        assert_int_equal(io_read_file(folder->fd, "file", buffer, sizeof buffer), 1);
}

static void descriptors_travel_and_are_close_on_exec(void **state) {
        int pair[2], pipe_fds[2], received[IO_FDS_MAX];
        char data[8] = "";
        size_t n_received = 99;

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);

        assert_int_equal(io_send(pair[0], "hi", 2, pipe_fds, 2), 0);
        assert_int_equal(io_receive(pair[1], data, sizeof data, received, &n_received), 2);
        assert_int_equal(n_received, 2);
        assert_string_equal(data, "hi");
        assert_int_equal(fcntl(received[0], F_GETFD), FD_CLOEXEC);
        assert_int_equal(io_write_all(received[1], "abc", 3), 0);
        assert_int_equal(read(pipe_fds[0], data, sizeof data), 3);

        assert_int_equal(io_send(pair[0], "bye", 3, NULL, 0), 0);
        assert_int_equal(io_receive(pair[1], data, sizeof data, received, &n_received), 3);
        assert_int_equal(n_received, 0);

        (void)close(received[0]);
        (void)close(received[1]);
        for (size_t i = 0; i < 2; i++) {
                (void)close(pipe_fds[i]);
                (void)close(pair[i]);
        }
}

/* The lowest descriptor that is free, which tells whether any was left open. */
static int lowest_free_fd(void) {
        CLEANUP_CLOSE int fd = dup(STDIN_FILENO);

        assert_true(fd >= 0);
        return fd;
}

static void message_that_is_too_long_leaks_no_descriptor(void **state) {
        int pair[2], received[IO_FDS_MAX], before;
        size_t n_received = 0;
        char data[4];

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        before = lowest_free_fd();
        assert_int_equal(io_send(pair[0], "too long", 8, pair, 2), 0);
        assert_int_equal(io_receive(pair[1], data, sizeof data, received, &n_received), -EMSGSIZE);
        assert_int_equal(lowest_free_fd(), before);
        (void)close(pair[0]);
        (void)close(pair[1]);
}

static void end_of_file_and_a_gone_peer_are_told_apart(void **state) {
        int pair[2], received[IO_FDS_MAX];
        size_t n_received = 0;
        char data[4];

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        (void)close(pair[1]);
        assert_int_equal(io_receive(pair[0], data, sizeof data, received, &n_received), 0);
        assert_int_equal(io_send(pair[0], "x", 1, NULL, 0), -EPIPE);
        (void)close(pair[0]);
}

#define FOLDER_TEST(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

static const struct CMUnitTest tests[] = {
        FOLDER_TEST(replaced_file_has_the_text_and_the_mode),
        FOLDER_TEST(replacing_does_not_follow_a_planted_link),
        FOLDER_TEST(file_that_fills_the_buffer_is_too_big),
        FOLDER_TEST(only_regular_files_are_read_and_nothing_blocks),
        FOLDER_TEST(writing_needs_an_existing_file),
        cmocka_unit_test(descriptors_travel_and_are_close_on_exec),
        cmocka_unit_test(message_that_is_too_long_leaks_no_descriptor),
        cmocka_unit_test(end_of_file_and_a_gone_peer_are_told_apart),
};

UNIT_TEST_MAIN(tests)
