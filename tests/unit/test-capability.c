/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <linux/capability.h>

#include "base/capability.h"

static void every_name_is_found_in_all_its_forms(void **state) {
        (void)state;
        assert_int_equal(capability_find("CAP_CHOWN"), CAP_CHOWN);
        assert_int_equal(capability_find("cap_sys_admin"), CAP_SYS_ADMIN);
        assert_int_equal(capability_find("Sys_Admin"), CAP_SYS_ADMIN);
        assert_int_equal(capability_find("21"), CAP_SYS_ADMIN);
        for (unsigned i = 0; i < CAPABILITY_NAMES; i++) {
                assert_int_equal(capability_find(capability_name(i)), i);
                assert_int_equal(capability_find(capability_name(i) + 4), i);
        }
}

static void what_is_no_name_is_not_found(void **state) {
        static const char *const bad[] = { "", "CAP_", "CAP_CAP_CHOWN", "64", "-1", "+1", "CHOWNX",
                "all", " CHOWN" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (capability_find(bad[i]) != -EINVAL)
                        fail_msg("'%s' was found", bad[i]);
        assert_null(capability_name(CAPABILITY_NAMES));
}

static void sets_are_listed_by_name_then_by_number(void **state) {
        Arena arena = { 0 };

        (void)state;
        assert_string_equal(capability_join(&arena, 0), "");
        assert_string_equal(capability_join(&arena, CAPABILITY_BIT(CAP_KILL) | 1),
                        "CAP_CHOWN CAP_KILL");
        assert_string_equal(capability_join(&arena, CAPABILITY_BIT(62) | 1), "CAP_CHOWN 62");
        assert_string_equal(
                        capability_join(&arena, CAPABILITIES_ALL << CAPABILITY_NAMES), "others");
        assert_int_equal(capability_list(&arena, CAPABILITIES_ALL).n_items, CAPABILITY_NAMES + 1);
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_found_in_all_its_forms),
        cmocka_unit_test(what_is_no_name_is_not_found),
        cmocka_unit_test(sets_are_listed_by_name_then_by_number),
};

UNIT_TEST_MAIN(tests)
