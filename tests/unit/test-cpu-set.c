/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <string.h>

#include "base/cpu-set.h"

static void neighbours_are_written_as_ranges(void **state) {
        static const unsigned cpus[] = { 0, 2, 3, 63, 64, 65, CPUS_MAX - 1 };
        CpuSet set = { 0 };
        Arena arena = { 0 };

        (void)state;
        assert_true(cpu_set_is_empty(&set));
        assert_string_equal(cpu_set_to_text(&arena, &set), "");
        for (size_t i = 0; i < ELEMENTSOF(cpus); i++)
                cpu_set_add(&set, cpus[i]);
        assert_string_equal(cpu_set_to_text(&arena, &set), "0,2-3,63-65,8191");
        arena_done(&arena);
}

static void nothing_is_beyond_the_last(void **state) {
        CpuSet set;

        (void)state;
        memset(&set, 0xff, sizeof set);
        assert_true(cpu_set_has(&set, CPUS_MAX - 1));
        assert_false(cpu_set_has(&set, CPUS_MAX));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_written_as_ranges),
        cmocka_unit_test(nothing_is_beyond_the_last),
};

UNIT_TEST_MAIN(tests)
