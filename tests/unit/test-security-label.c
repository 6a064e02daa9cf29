/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/security-label.h"

static const char *const modules[] = { "self/attr", "self/attr/apparmor" };

/* A tree of files that looks like proc. */
static void a_label_is_written_to_nothing_but_proc(void **state) {
        char path[] = "/tmp/label-XXXXXX";
        CLEANUP_CLOSE int fd = -EBADF;

        (void)state;
        assert_non_null(mkdtemp(path));
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        (void)mkdirat(fd, "self", 0700);
        (void)mkdirat(fd, modules[0], 0700);
        (void)mkdirat(fd, modules[1], 0700);
        assert_int_equal(mknodat(fd, "self/attr/exec", S_IFREG | 0600, 0), 0);
        assert_int_equal(mknodat(fd, "self/attr/apparmor/exec", S_IFREG | 0600, 0), 0);

        assert_int_equal(security_set_exec_label(fd, SECURITY_SELINUX, "u:r:t"), -EBADF);
        assert_int_equal(security_set_exec_label(fd, SECURITY_APPARMOR, "p"), -EBADF);

        (void)unlinkat(fd, "self/attr/apparmor/exec", 0);
        (void)unlinkat(fd, "self/attr/exec", 0);
        (void)unlinkat(fd, modules[1], AT_REMOVEDIR);
        (void)unlinkat(fd, modules[0], AT_REMOVEDIR);
        (void)unlinkat(fd, "self", AT_REMOVEDIR);
        assert_int_equal(rmdir(path), 0);
}

static void a_label_that_does_not_fit_is_refused(void **state) {
        CLEANUP_CLOSE int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        char label[4097];

        (void)state;
        memset(label, 'x', sizeof label - 1);
        label[sizeof label - 1] = '\0';
        assert_int_equal(security_set_exec_label(fd, SECURITY_APPARMOR, label), -E2BIG);
        assert_int_equal(security_set_exec_label(fd, SECURITY_SELINUX, label), -E2BIG);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_is_written_to_nothing_but_proc),
        cmocka_unit_test(a_label_that_does_not_fit_is_refused),
};

UNIT_TEST_MAIN(tests)
