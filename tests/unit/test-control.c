/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "control/arguments.h"
#include "control/control.h"
#include "control/group-usage.h"
#include "control/machine.h"
#include "control/manager.h"
#include "sys/lock.h"

static void keep_line(LogLevel level, const char *line, void *userdata) {
        (void)level;
        (void)snprintf(userdata, 256, "%s", line);
}

/* Parses the words of LINE; RET_ERROR is the last error line, or "". */
static int parse(const char *line, Arguments *arguments, char ret_error[static 256]) {
        Arena arena = { 0 };
        StringList words = text_split_words(&arena, line, " ");
        int r;

        ret_error[0] = '\0';
        log_set_sink(keep_line, ret_error);
        r = arguments_parse((int)words.n_items, (char **)words.items, arguments);
        log_set_sink(NULL, NULL);
        arena_done(&arena);
        return r;
}

static void assert_refused(const char *line, const char *message) {
        Arguments arguments;
        char error[256];

        assert_int_equal(parse(line, &arguments, error), -EINVAL);
        assert_string_equal(error, message);
        arguments_done(&arguments);
}

static void only_the_words_of_the_table_are_verbs(void **state) {
        (void)state;

        assert_non_null(control_find("list"));
        assert_non_null(control_find("stop"));
        assert_null(control_find("lis"));
        assert_null(control_find(""));
        assert_null(control_find("--help"));
        assert_null(control_find("/bin/list"));
}

static void options_and_names_stand_in_any_order(void **state) {
        Arguments arguments;
        char error[256];

        (void)state;
        assert_int_equal(
                        parse("stop a --timeout 5 b -f a --timeout=1.5min -- c", &arguments, error),
                        1);
        assert_int_equal(arguments.names.n_items, 3);
        assert_string_equal(arguments.names.items[0], "a");
        assert_string_equal(arguments.names.items[1], "b");
        assert_string_equal(arguments.names.items[2], "c");
        assert_int_equal(arguments.given, VERB_FORCE | VERB_TIMEOUT);
        assert_int_equal(arguments.timeout_us, 90 * USEC_PER_SEC);
        arguments_done(&arguments);
}

static void bad_words_are_refused_with_the_reason(void **state) {
        (void)state;

        assert_refused("stop", "'stop' needs the name of a machine (boot-tree list shows them)");
        assert_refused("stop a --json",
                        "'stop' knows no option '--json' (see boot-tree stop --help)");
        assert_refused("stop a --timeout", "--timeout needs an argument");
        assert_refused("stop a --timeout=-1",
                        "--timeout=-1: '-1' is not a time (try 30, 1min or 500ms)");
        assert_refused("stop a --force=yes", "--force takes no argument");
        assert_refused("stop a -ft", "'stop' knows no option '-ft' (see boot-tree stop --help)");
        assert_refused("list a", "'list' takes no name (see boot-tree list --help)");
        assert_refused("status ../a",
                        "'../a': not a machine name (up to 64 letters, digits, dots and inner "
                        "dashes)");
}

static void ids_and_places_are_for_people(void **state) {
        Arena arena = { 0 };
        Machine machine = { .record = { .id_base = 65536, .id_count = 65536 } };

        (void)state;
        assert_string_equal(machine_ids(&arena, &machine), "65536-131071");
        machine.record.id_count = 0;
        assert_string_equal(machine_ids(&arena, &machine), "host");

        assert_string_equal(machine_place(&arena, &machine), "-");
        machine.record.cgroup = "/sys/fs/cgroup/a\033[1m";
        assert_string_equal(machine_place(&arena, &machine), "/sys/fs/cgroup/a\\x1b[1m");
        machine.record.unit = "machine-a.scope";
        assert_string_equal(machine_place(&arena, &machine), "machine-a.scope");
        arena_done(&arena);
}

static const char *uptime_after(Arena *arena, time_t seconds) {
        const Machine machine = { .record.since_us =
                                                  (uint64_t)(time(NULL) - seconds) * USEC_PER_SEC };

        return machine_uptime(arena, &machine);
}

static void uptime_has_two_units(void **state) {
        Arena arena = { 0 };

        (void)state;
        assert_string_equal(uptime_after(&arena, 86400 + 7200 + 59), "1d 2h");
        assert_string_equal(uptime_after(&arena, 7200 + 180 + 30), "2h 3min");
        assert_string_equal(uptime_after(&arena, -3600), "0s"); /* the clock was set back */
        assert_string_equal(machine_uptime(&arena, &(Machine){ 0 }), "-");
        arena_done(&arena);
}

/* Ordinary files play the control files. */
static void processes_are_counted_in_all_of_the_group(void **state) {
        char top[] = "/tmp/test-control.XXXXXX";
        CLEANUP_CLOSE int fd = -EBADF;
        uint64_t n = 0;

        (void)state;
        assert_non_null(mkdtemp(top));
        fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(mkdirat(fd, "a", 0755), 0);
        assert_int_equal(mkdirat(fd, "a/b", 0755), 0);
        assert_int_equal(io_replace_file(fd, "cgroup.procs", "1\n2\n", 0600), 0);
        assert_int_equal(io_replace_file(fd, "a/b/cgroup.procs", "30000\n", 0600), 0);
        assert_int_equal(io_replace_file(fd, "memory.current", "4096\n", 0600), 0);

        assert_int_equal(group_count_processes(top, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(group_read_memory(top, &n), 0);
        assert_int_equal(n, 4096);
        assert_int_equal(group_count_processes("/nowhere", &n), -ENOENT);

        assert_int_equal(unlinkat(fd, "a/b/cgroup.procs", 0), 0);
        assert_int_equal(unlinkat(fd, "cgroup.procs", 0), 0);
        assert_int_equal(unlinkat(fd, "memory.current", 0), 0);
        assert_int_equal(unlinkat(fd, "a/b", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(fd, "a", AT_REMOVEDIR), 0);
        assert_int_equal(rmdir(top), 0);
}

/* The folder of a record whose manager is said to be PID. */
static int make_record(const char *path, pid_t pid) {
        char text[64];
        int fd;

        assert_true(mkdir(RECORD_FOLDER, 0755) == 0 || errno == EEXIST);
        assert_int_equal(mkdir(path, 0700), 0);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        (void)snprintf(text, sizeof text, "MANAGER=%d\n", (int)pid);
        assert_int_equal(io_replace_file(fd, "record", text, 0600), 0);
        return fd;
}

static void remove_record(int fd, const char *path) {
        assert_int_equal(unlinkat(fd, "record", 0), 0);
        assert_int_equal(unlinkat(fd, "lock", 0), 0);
        (void)close(fd);
        assert_int_equal(rmdir(path), 0);
}

static void only_who_holds_the_lock_is_the_manager(void **state) {
        char name[64], path[128];
        Process manager = PROCESS_NONE;
        int fd, lock_fd;

        (void)state;
        if (geteuid() != 0) {
                print_message("machine lacks: root\n");
                skip();
        }
        (void)snprintf(name, sizeof name, "test-control-%d", (int)getpid());
        (void)snprintf(path, sizeof path, RECORD_FOLDER "/%s", name);

        /* Our own lock, and our own number: the manager is us. */
        fd = make_record(path, getpid());
        lock_fd = lock_acquire(fd, "lock", /* exclusive= */ true);
        assert_true(lock_fd >= 0);
        assert_int_equal(manager_open(name, &manager), 0);
        assert_int_equal(manager.pid, getpid());
        manager_close(&manager);

        /* The lock is held, but by us and not by the process of that number. */
        assert_int_equal(io_replace_file(fd, "record", "MANAGER=2\n", 0600), 0);
        assert_int_equal(manager_open(name, &manager), -EBADMSG);
        assert_int_equal(io_replace_file(fd, "record", "MANAGER=-1\n", 0600), 0);
        assert_int_equal(manager_open(name, &manager), -EBADMSG);

        /* Nobody holds it: what is left of a killed run. */
        (void)close(lock_fd);
        assert_int_equal(manager_open(name, &manager), -ENOENT);
        remove_record(fd, path);
        assert_int_equal(manager_open(name, &manager), -ENOENT);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_the_words_of_the_table_are_verbs),
                cmocka_unit_test(options_and_names_stand_in_any_order),
                cmocka_unit_test(bad_words_are_refused_with_the_reason),
                cmocka_unit_test(ids_and_places_are_for_people),
                cmocka_unit_test(uptime_has_two_units),
                cmocka_unit_test(processes_are_counted_in_all_of_the_group),
                cmocka_unit_test(only_who_holds_the_lock_is_the_manager),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
