/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <signal.h>

#include "base/log.h"
#include "image/progress.h"

static void count_lines(LogLevel level, const char *line, void *userdata) {
        (void)level;
        assert_string_equal(line, "Copying '/t', this takes a while");
        ++*(unsigned *)userdata;
}

static void a_signal_ends_the_work_and_not_the_process(void **state) {
        Progress progress;

        (void)state;
        progress_begin(&progress, "/t");
        assert_int_equal(progress_add(&progress, 1, 10), 0);
        assert_int_equal(raise(SIGTERM), 0);
        assert_int_equal(progress_add(&progress, 1, 10), -ECANCELED);
        assert_int_equal(progress_end(&progress, -ECANCELED), -ECANCELED);
}

static void a_signal_behind_the_last_file_counts_too(void **state) {
        Progress progress;

        (void)state;
        progress_begin(&progress, "/t");
        assert_int_equal(raise(SIGINT), 0);
        assert_int_equal(progress_end(&progress, 0), -ECANCELED);
        progress_begin(&progress, "/t");
        assert_int_equal(progress_end(&progress, 0), 0);
}

static void only_work_that_takes_long_is_told_and_only_once(void **state) {
        unsigned n_lines = 0;
        Progress progress;

        (void)state;
        log_set_sink(count_lines, &n_lines);
        progress_begin(&progress, "/t");
        assert_int_equal(progress_add(&progress, 1, 10), 0);
        assert_int_equal(n_lines, 0);
        for (int i = 0; i < 2; i++) {
                progress.shown_us = 0; /* long ago */
                assert_int_equal(progress_add(&progress, 1, 10), 0);
        }
        assert_int_equal(progress_end(&progress, 0), 0);
        assert_int_equal(n_lines, 1);
        assert_int_equal(progress.n_files, 3);
        assert_int_equal(progress.n_bytes, 30);
        log_set_sink(NULL, NULL);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_ends_the_work_and_not_the_process),
        cmocka_unit_test(a_signal_behind_the_last_file_counts_too),
        cmocka_unit_test(only_work_that_takes_long_is_told_and_only_once),
};

UNIT_TEST_MAIN(tests)
