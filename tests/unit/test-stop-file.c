/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stop-jail.h"

#include "base/cleanup.h"
#include "container/stop-file.h"

static void give(const char *path) {
        assert_int_equal(lchown(path, ROOT_UID, ROOT_UID), 0);
}

/* A fifo; the descriptor is its reader's. */
static int make_fifo(const char *path, mode_t mode) {
        int fd;

        assert_int_equal(mkfifo(path, mode), 0);
        fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        assert_true(fd >= 0);
        return fd;
}

static void make_file(const char *path) {
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0);

        assert_true(fd >= 0);
        (void)close(fd);
}

static mode_t mode_of(const char *path) {
        struct stat st;

        assert_int_equal(lstat(path, &st), 0);
        return st.st_mode & 07777;
}

static int ask(const Jail *jail, StopFileRequest request) {
        return stop_file_run(&jail->target, request, STOP_POWEROFF);
}

/* ---- the helper process ---- */

static int check_self(int root_fd, StopKind kind) {
        uid_t ids[3];

        if (kind != STOP_REBOOT || root_fd != 0)
                return -EINVAL;
        if (faccessat(root_fd, "run", F_OK, 0) < 0)
                return -ENOENT;
        for (int fd = 1; fd < 256; fd++)
                if (fcntl(fd, F_GETFD) >= 0)
                        return -EMFILE;
        if (getresuid(&ids[0], &ids[1], &ids[2]) < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(ids); i++)
                if (ids[i] != ROOT_UID)
                        return -EUSERS;
        return getgid() != ROOT_UID || getgroups(0, NULL) != 0 || setuid(0) == 0 ? -EPERM : 0;
}

static int never_answer(int root_fd, StopKind kind) {
        (void)root_fd;
        (void)kind;
        (void)pause();
        return 0;
}

static int refuse(int root_fd, StopKind kind) {
        (void)root_fd;
        (void)kind;
        return -EXDEV;
}

static int die(int root_fd, StopKind kind) {
        (void)root_fd;
        (void)kind;
        (void)raise(SIGKILL);
        return 0;
}

static void helper_is_the_payloads_root_and_holds_nothing_but_its_tree(void **state) {
        Jail *jail = *state;

        jail_start(jail, "payload", 0);
        assert_int_equal(stop_file_run(&jail->target, check_self, STOP_REBOOT), 0);
}

static void helper_that_hangs_is_killed_and_not_waited_for(void **state) {
        Jail *jail = *state;
        uint64_t began_us = clock_monotonic_us();
        int status = 0;

        jail_start(jail, "payload", 0);
        assert_int_equal(ask(jail, never_answer), -ETIMEDOUT);
        assert_true(clock_monotonic_us() - began_us < 5 * USEC_PER_SEC);
        assert_true(waitpid(-1, &status, 0) > 0);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGKILL);
        assert_int_equal(process_signal(&jail->process, 0), 0);
}

static void helper_hands_back_its_result_and_its_death(void **state) {
        Jail *jail = *state;

        jail_start(jail, "payload", 0);
        assert_int_equal(ask(jail, refuse), -EXDEV);
        assert_int_equal(ask(jail, die), -EIO);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* reaped */
}

static void helper_finds_no_tree_of_a_payload_that_has_ended(void **state) {
        Jail *jail = *state;
        siginfo_t info;

        jail_start(jail, "payload", 0);
        assert_int_equal(process_signal(&jail->process, SIGKILL), 0);
        assert_int_equal(waitid(P_PIDFD, (id_t)jail->process.pidfd, &info, WEXITED | WNOWAIT), 0);
        assert_int_equal(ask(jail, check_self), -ENOENT);
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -ESRCH);
        process_done(&jail->process);
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -ESRCH);
        jail->target.payload = STOP_PAYLOAD_COMMAND;
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -ESRCH);
}

/* ---- what is asked by a file ---- */

static void sysvinit_gets_a_runlevel_by_its_fifo_new_or_old(void **state) {
        static const char *const places[] = { "run/initctl", "dev/initctl" };
        Jail *jail = *state;
        int32_t data[1024 / sizeof(int32_t)];

        assert_int_equal(mkdir("dev", 0755), 0);
        jail_start(jail, "payload", 0);
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                CLEANUP_CLOSE int fd = make_fifo(places[i], 0600);

                give(places[i]);
                for (StopKind kind = 0; kind < STOP_KIND_MAX; kind++) {
                        assert_int_equal(stop_file_run(&jail->target, stop_file_sysvinit, kind), 0);
                        assert_int_equal(read(fd, data, sizeof data), 384);
                        assert_int_equal(data[0], 0x03091969);
                        assert_int_equal(data[1], 1);
                        assert_int_equal(data[2], kind == STOP_REBOOT ? '6' : '0');
                }
                assert_int_equal(unlink(places[i]), 0);
        }
}

static void openrc_gets_a_word_by_its_fifo(void **state) {
        static const char *const words[STOP_KIND_MAX] = { "poweroff", "reboot" };
        CLEANUP_CLOSE int fd = -EBADF;
        Jail *jail = *state;
        char data[64];

        jail_start(jail, "payload", 0);
        assert_int_equal(ask(jail, stop_file_openrc), -EAGAIN);
        assert_int_equal(mkdir("run/openrc", 0755), 0);
        fd = make_fifo("run/openrc/init.ctl", 0600);
        give("run/openrc/init.ctl");
        for (StopKind kind = 0; kind < STOP_KIND_MAX; kind++) {
                assert_int_equal(stop_file_run(&jail->target, stop_file_openrc, kind), 0);
                assert_int_equal(read(fd, data, sizeof data), strlen(words[kind]));
                assert_memory_equal(data, words[kind], strlen(words[kind]));
        }
}

static void fifo_that_nobody_reads_is_for_later(void **state) {
        Jail *jail = *state;
        char data[4096] = "";
        int fd;

        jail_start(jail, "payload", 0);
        assert_int_equal(ask(jail, stop_file_sysvinit), -EAGAIN); /* none yet */

        (void)close(make_fifo("run/initctl", 0600));
        give("run/initctl");
        assert_int_equal(ask(jail, stop_file_sysvinit), -EAGAIN);

        fd = open("run/initctl", O_RDWR | O_NONBLOCK | O_CLOEXEC);
        assert_true(fd >= 0);
        while (write(fd, data, sizeof data) > 0)
                ;
        assert_int_equal(ask(jail, stop_file_sysvinit), -EAGAIN); /* full */
        (void)close(fd);
}

static void runit_gets_execute_bits_wherever_its_files_are(void **state) {
        static const char *const places[][2] = {
                { "run/runit.reboot", "run/runit.stopit" },
                { "run/runit/reboot", "run/runit/stopit" },
                { "etc/runit/reboot", "etc/runit/stopit" },
        };
        Jail *jail = *state;

        jail_start(jail, "payload", 0);
        assert_int_equal(ask(jail, stop_file_runit), -EAGAIN);
        assert_int_equal(mkdir("run/runit", 0755), 0);
        assert_int_equal(mkdir("etc", 0755), 0);
        assert_int_equal(mkdir("etc/runit", 0755), 0);
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                for (size_t j = 0; j < 2; j++) {
                        make_file(places[i][j]);
                        give(places[i][j]);
                }
                assert_int_equal(stop_file_run(&jail->target, stop_file_runit, STOP_REBOOT), 0);
                assert_int_equal(mode_of(places[i][0]), 0100);
                assert_int_equal(mode_of(places[i][1]), 0100);
                assert_int_equal(ask(jail, stop_file_runit), 0);
                assert_int_equal(mode_of(places[i][0]), 0);
                assert_int_equal(mode_of(places[i][1]), 0100);
                assert_int_equal(unlink(places[i][0]), 0);
                assert_int_equal(unlink(places[i][1]), 0);
        }
}

static void inits_that_want_files_get_no_signal_without(void **state) {
        CLEANUP_CLOSE int fd = -EBADF;
        Jail *jail = *state;

        jail_start(jail, "runit", ~UINT64_C(0));
        assert_int_equal(stop_request(&jail->target, STOP_REBOOT), -EAGAIN);
        assert_int_equal(pending(jail), 0);
        make_file("run/runit.reboot");
        make_file("run/runit.stopit");
        give("run/runit.reboot");
        give("run/runit.stopit");
        assert_int_equal(stop_request(&jail->target, STOP_REBOOT), 0);
        assert_int_equal(pending(jail), bit(SIGCONT));

        jail_start(jail, "init", ~UINT64_C(0));
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -EAGAIN);
        fd = make_fifo("run/initctl", 0600);
        give("run/initctl");
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), 0);
        assert_int_equal(pending(jail), 0);
}

/* ---- a hostile tree ---- */

static void other_types_of_files_are_refused(void **state) {
        static const mode_t types[] = { S_IFREG, S_IFCHR, S_IFSOCK };
        Jail *jail = *state;

        jail_start(jail, "payload", 0);
        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                assert_int_equal(mknod("run/initctl", types[i] | 0666, 0x103), 0);
                assert_int_equal(ask(jail, stop_file_sysvinit), -EBADFD);
                assert_int_equal(unlink("run/initctl"), 0);
        }
        assert_int_equal(mkdir("run/initctl", 0755), 0);
        assert_int_equal(ask(jail, stop_file_sysvinit), -EBADFD);

        assert_int_equal(mkfifo("run/runit.reboot", 0600), 0);
        give("run/runit.reboot");
        assert_int_equal(ask(jail, stop_file_runit), -EBADFD);
        assert_int_equal(mode_of("run/runit.reboot"), 0600);
}

/* Asked without the helper, which could not open them by its ids either. */
static void links_do_not_lead_out_of_the_tree(void **state) {
        CLEANUP_CLOSE int root_fd = open(".", O_PATH | O_CLOEXEC);
        CLEANUP_CLOSE int fd = -EBADF;
        Jail *jail = *state;
        char path[64];

        (void)snprintf(path, sizeof path, "%s/fifo", jail->folder);
        fd = make_fifo(path, 0666);
        assert_int_equal(symlink(path, "run/initctl"), 0);
        assert_int_equal(stop_file_sysvinit(root_fd, STOP_POWEROFF), -EAGAIN);

        assert_int_equal(unlink("run/initctl"), 0);
        assert_int_equal(symlink("../../../../../../fifo", "run/initctl"), 0);
        assert_int_equal(stop_file_sysvinit(root_fd, STOP_POWEROFF), -EAGAIN);

        assert_int_equal(unlink("run/initctl"), 0);
        assert_int_equal(mkdir("proc", 0755), 0);
        assert_int_equal(mount("proc", "proc", "proc", 0, NULL), 0);
        (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), fd);
        assert_int_equal(symlink(path, "run/initctl"), 0);
        assert_int_equal(stop_file_sysvinit(root_fd, STOP_POWEROFF), -ELOOP);
        assert_int_equal(umount2("proc", MNT_DETACH), 0);

        assert_int_equal(read(fd, path, 1), 0);
}

/* As bound into the tree: the files of the host's root, which the payload may not change. */
static void files_that_are_not_the_payloads_are_out_of_reach(void **state) {
        CLEANUP_CLOSE int fd = make_fifo("run/initctl", 0600);
        Jail *jail = *state;
        char byte;

        jail_start(jail, "payload", 0);
        assert_int_equal(ask(jail, stop_file_sysvinit), -EACCES);
        assert_int_equal(read(fd, &byte, 1), 0);

        make_file("run/runit.reboot");
        make_file("run/runit.stopit");
        assert_int_equal(ask(jail, stop_file_runit), -EPERM);
        give("run/runit.reboot");
        assert_int_equal(ask(jail, stop_file_runit), -EPERM);
        assert_int_equal(mode_of("run/runit.stopit"), 0);
}

static const struct CMUnitTest tests[] = {
        JAIL_TEST(helper_is_the_payloads_root_and_holds_nothing_but_its_tree),
        JAIL_TEST(helper_that_hangs_is_killed_and_not_waited_for),
        JAIL_TEST(helper_hands_back_its_result_and_its_death),
        JAIL_TEST(helper_finds_no_tree_of_a_payload_that_has_ended),
        JAIL_TEST(sysvinit_gets_a_runlevel_by_its_fifo_new_or_old),
        JAIL_TEST(openrc_gets_a_word_by_its_fifo),
        JAIL_TEST(fifo_that_nobody_reads_is_for_later),
        JAIL_TEST(runit_gets_execute_bits_wherever_its_files_are),
        JAIL_TEST(inits_that_want_files_get_no_signal_without),
        JAIL_TEST(other_types_of_files_are_refused),
        JAIL_TEST(links_do_not_lead_out_of_the_tree),
        JAIL_TEST(files_that_are_not_the_payloads_are_out_of_reach),
};

int main(int argc, char **argv) {
        if (!jail_begin(argc, argv))
                return EXIT_SUCCESS;

        return cmocka_run_group_tests(tests, NULL, NULL);
}
