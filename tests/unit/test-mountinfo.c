/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <stdio.h>

#include "base/mountinfo.h"

static bool parse(const char *text, char line[static 256], MountInfo *ret_mount) {
        (void)snprintf(line, 256, "%s", text);
        return mountinfo_parse(line, ret_mount);
}

static void a_line_is_taken_apart(void **state) {
        MountInfo mount;
        char line[256];

        (void)state;
        assert_true(parse("36 35 98:0 /mnt\\0401 /a\\134b\\012 rw,noatime master:1 shared:2 - ext4 "
                          "/dev/root rw,errors=continue\n",
                        line, &mount));
        assert_int_equal(mount.id, 36);
        assert_string_equal(mount.device, "98:0");
        assert_string_equal(mount.root, "/mnt 1");
        assert_string_equal(mount.target, "/a\\b\n");
        assert_string_equal(mount.options, "rw,noatime");
        assert_string_equal(mount.type, "ext4");
        assert_string_equal(mount.source, "/dev/root");
        assert_false(mount.is_read_only);
}

static void a_mount_is_read_only_by_itself_or_by_its_file_system(void **state) {
        MountInfo mount;
        char line[256];

        (void)state;
        assert_true(parse("1 2 0:3 / /x ro,nosuid - proc proc rw", line, &mount));
        assert_true(mount.is_read_only);
        assert_true(parse("1 2 0:3 / /x rw - ext4 /dev/a ro", line, &mount));
        assert_true(mount.is_read_only);
        assert_true(parse("1 2 0:3 / /x rw - ext4 /dev/a root=1", line, &mount));
        assert_false(mount.is_read_only);
}

static void what_is_no_such_line_is_refused(void **state) {
        static const char *const texts[] = {
                "x 2 0:3 / /x rw - ext4 /dev/a rw",
                "",
                " ",
                "x",
                "1 2 0:3 / /x",
                "1 2 0:3 / /x rw",
                "1 2 0:3 / /x rw - ext4",
                "1 2 0:3 / /x rw - ext4 /dev/a",
                "1 2 0:3 / /x rw shared:1 ext4 /dev/a rw",
        };
        MountInfo mount;
        char line[256];

        (void)state;
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
                assert_false(parse(texts[i], line, &mount));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_taken_apart),
        cmocka_unit_test(a_mount_is_read_only_by_itself_or_by_its_file_system),
        cmocka_unit_test(what_is_no_such_line_is_refused),
};

UNIT_TEST_MAIN(tests)
