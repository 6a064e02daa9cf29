/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/notes.h"
#include "base/text.h"

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
        log_set_style(0);
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

/* What WRITE writes to standard error. */
static void catch_stderr(char *text, size_t size, void (*write_it)(void *), void *userdata) {
        int saved_fd = dup(STDERR_FILENO), fds[2];
        ssize_t n;

        (void)unsetenv("JOURNAL_STREAM");
        assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
        assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
        write_it(userdata);
        assert_true(dup2(saved_fd, STDERR_FILENO) >= 0);

        n = read(fds[0], text, size - 1);
        text[n < 0 ? 0 : n] = '\0';
        (void)close(saved_fd);
        (void)close(fds[0]);
        (void)close(fds[1]);
}

static void print_notes(void *level) {
        Notes notes = { 0 };
        Arena arena = { 0 };

        notes_add(&notes, &arena, LOG_WARNING, "a warning");
        notes_add(&notes, &arena, LOG_NOTICE, "a notice");
        notes_add(&notes, &arena, LOG_ERROR, "an error");
        notes_print(&notes, *(const LogLevel *)level);
        arena_done(&arena);
}

static void print_notes_into(char *text, size_t size, LogLevel level) {
        catch_stderr(text, size, print_notes, &level);
}

static void print_warning(void *unused) {
        (void)unused;
        log_warning("Said");
}

/* One line under the variables ASSIGNMENTS, which are removed again. */
static void warn_under(const char *const *assignments, char *text, size_t size) {
        for (const char *const *p = assignments; *p; p++)
                assert_int_equal(putenv((char *)*p), 0);
        log_set_level(log_environment_level());
        log_set_style(log_environment_style());
        catch_stderr(text, size, print_warning, NULL);
        for (const char *const *p = assignments; *p; p++)
                (void)unsetenv(strndupa(*p, strcspn(*p, "=")));
}

static void the_environment_chooses_what_a_line_looks_like(void **state) {
        static const struct {
                const char *assignments[4];
                const char *start, *end;
        } cases[] = {
                { { NULL }, "Said\n", "Said\n" },
                { { "SYSTEMD_LOG_TARGET=console" }, "Said\n", "Said\n" },
                { { "SYSTEMD_LOG_TARGET=console-prefixed" }, "<4>Said\n", "Said\n" },
                { { "SYSTEMD_LOG_TARGET=null" }, "", "" },
                { { "SYSTEMD_LOG_COLOR=yes" }, "\x1b[", "Said\x1b[0m\n" },
                { { "SYSTEMD_LOG_COLOR=0" }, "Said\n", "Said\n" },
                { { "SYSTEMD_LOG_TIME=1" }, "2", " Said\n" },
                { { "SYSTEMD_LOG_TID=on" }, "(", ") Said\n" },
                { { "SYSTEMD_LOG_LOCATION=true" }, "test-log.c:", ": Said\n" },
                { { "SYSTEMD_LOG_LEVEL=err" }, "", "" },
                { { "SYSTEMD_LOG_LEVEL=warning" }, "Said\n", "Said\n" },
                { { "SYSTEMD_LOG_TID=1", "SYSTEMD_LOG_TARGET=console-prefixed" }, "<4>(",
                                ") Said\n" },
        };
        char text[200];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                warn_under(cases[i].assignments, text, sizeof text);
                if (!text_after(text, cases[i].start) || !text_ends_with(text, cases[i].end) ||
                                (cases[i].end[0] == '\0' && text[0] != '\0'))
                        fail_msg("%s: '%s'", cases[i].assignments[0], text);
        }
}

static void the_environment_chooses_the_level(void **state) {
        static const struct {
                const char *value;
                LogLevel level;
        } cases[] = {
                { "", LOG_NOTICE },
                { "debug", LOG_DEBUG },
                { "7", LOG_DEBUG },
                { "info", LOG_NOTICE },
                { "5", LOG_NOTICE },
                { "warning", LOG_WARNING },
                { "emerg", LOG_ERROR },
                { "0", LOG_ERROR },
                { "nonsense", LOG_NOTICE },
                { "err,console:debug", LOG_DEBUG },
                { "journal:debug,warning", LOG_WARNING },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(setenv("SYSTEMD_LOG_LEVEL", cases[i].value, 1), 0);
                if (log_environment_level() != cases[i].level)
                        fail_msg("'%s' is %d", cases[i].value, log_environment_level());
        }
        (void)unsetenv("SYSTEMD_LOG_LEVEL");
        assert_int_equal(log_environment_level(), LOG_NOTICE);
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
        LOG_TEST(the_environment_chooses_what_a_line_looks_like),
        LOG_TEST(the_environment_chooses_the_level),
        LOG_TEST(notes_are_printed_up_to_the_level_asked_for),
};

UNIT_TEST_MAIN(tests)
