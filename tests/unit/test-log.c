/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/notes.h"

typedef struct {
        char line[4096];
        LogLevel level;
        size_t n_lines;
} Caught;

static void catch_line(LogLevel level, const char *line, void *userdata) {
        Caught *caught = userdata;

        caught->level = level;
        caught->n_lines++;
        (void)snprintf(caught->line, sizeof caught->line, "%s", line);
}

static int reset_log(void **state) {
        (void)state;
        log_set_sink(NULL, NULL);
        log_set_level(LOG_NOTICE);
        return 0;
}

static void message_has_object_reason_and_hint(void **state) {
        Caught caught = { 0 };

        (void)state;
        log_set_sink(catch_line, &caught);
        assert_int_equal(log_error_hint(-ENOENT, "make it", "Failed to open '%s'", "/a"), -ENOENT);
        assert_string_equal(
                        caught.line, "Failed to open '/a': No such file or directory (make it)");
        assert_int_equal(caught.level, LOG_ERROR);

        log_warning("Just text %d", 7);
        assert_string_equal(caught.line, "Just text 7");
        assert_int_equal(caught.n_lines, 2);
}

static void hidden_levels_still_return_the_error(void **state) {
        Caught caught = { 0 };

        (void)state;
        log_set_sink(catch_line, &caught);
        assert_int_equal(log_debug_errno(-EPERM, "Not shown"), -EPERM);
        assert_int_equal(caught.n_lines, 0);
        log_set_level(LOG_ERROR);
        log_notice("Not shown either");
        assert_int_equal(caught.n_lines, 0);
        log_set_level(LOG_DEBUG);
        log_debug("Shown");
        assert_int_equal(caught.n_lines, 1);
}

static void errno_is_kept(void **state) {
        Caught caught = { 0 };

        (void)state;
        log_set_sink(catch_line, &caught);
        errno = EXDEV;
        log_error("Message");
        assert_int_equal(errno, EXDEV);
}

static void overlong_message_is_cut_not_overrun(void **state) {
        Caught caught = { 0 };
        char text[5000];

        (void)state;
        memset(text, 'x', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        log_set_sink(catch_line, &caught);
        assert_int_equal(log_error_hint(-EIO, "hint", "%s", text), -EIO);
        assert_true(strlen(caught.line) > 1000 && strlen(caught.line) < 4000);
}

static void unknown_errors_have_a_reason_too(void **state) {
        (void)state;
        assert_string_equal(log_reason(-ENOENT), "No such file or directory");
        assert_string_equal(log_reason(ENOENT), "No such file or directory");
        assert_non_null(log_reason(-99999));
}

static void notes_keep_order_level_and_result(void **state) {
        Notes notes = { 0 };
        Arena arena = { 0 };

        (void)state;
        for (int i = 0; i < 10; i++)
                notes_add(&notes, &arena, LOG_NOTICE, "note %d", i);
        assert_int_equal(notes_fail(&notes, &arena, -EINVAL, "end %s", "here"), -EINVAL);
        assert_int_equal(notes.n_items, 11);
        assert_string_equal(notes.items[9].text, "note 9");
        assert_int_equal(notes.items[9].level, LOG_NOTICE);
        assert_string_equal(notes.items[10].text, "end here");
        assert_int_equal(notes.items[10].level, LOG_ERROR);
        arena_done(&arena);
}

/* What notes_print() writes to standard error. */
static void print_notes_into(char *text, size_t size, LogLevel level) {
        int saved_fd = dup(STDERR_FILENO), fds[2];
        Notes notes = { 0 };
        Arena arena = { 0 };
        ssize_t n;

        (void)unsetenv("JOURNAL_STREAM");
        assert_int_equal(pipe(fds), 0);
        notes_add(&notes, &arena, LOG_WARNING, "a warning");
        notes_add(&notes, &arena, LOG_NOTICE, "a notice");
        notes_add(&notes, &arena, LOG_ERROR, "an error");

        assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
        notes_print(&notes, level);
        assert_true(dup2(saved_fd, STDERR_FILENO) >= 0);

        n = read(fds[0], text, size - 1);
        assert_true(n > 0);
        text[n] = '\0';
        (void)close(saved_fd);
        (void)close(fds[0]);
        (void)close(fds[1]);
        arena_done(&arena);
}

static void notes_are_printed_up_to_the_level_asked_for(void **state) {
        char text[100];

        (void)state;
        print_notes_into(text, sizeof text, LOG_DEBUG);
        assert_string_equal(text, "a warning\na notice\nan error\n");
        print_notes_into(text, sizeof text, LOG_ERROR);
        assert_string_equal(text, "an error\n");
        log_set_level(LOG_WARNING);
        print_notes_into(text, sizeof text, LOG_DEBUG);
        assert_string_equal(text, "a warning\nan error\n");
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, reset_log, reset_log)

static const struct CMUnitTest tests[] = {
        LOG_TEST(message_has_object_reason_and_hint),
        LOG_TEST(hidden_levels_still_return_the_error),
        LOG_TEST(errno_is_kept),
        LOG_TEST(overlong_message_is_cut_not_overrun),
        LOG_TEST(unknown_errors_have_a_reason_too),
        LOG_TEST(notes_keep_order_level_and_result),
        LOG_TEST(notes_are_printed_up_to_the_level_asked_for),
};

UNIT_TEST_MAIN(tests)
