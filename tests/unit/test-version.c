/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include "base/version.h"

static void each_version_is_older_than_the_next(void **state) {
        static const char *const versions[] = { "~rc", "", "-", "^", ".", "a", "ab", "b", "0", "1~",
                "1~rc1", "1~rc2", "1", "1-a", "1-1", "1^", "1^post1", "1.", "1.0", "1.2", "1.10",
                "1a", "2", "09", "10", "123.a", "123.a-1", "123.a^post1" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(versions); i++)
                for (size_t j = 0; j < ELEMENTSOF(versions); j++) {
                        int r = version_compare(versions[i], versions[j]);

                        if (r != (i > j) - (i < j))
                                fail_msg("'%s' and '%s' compare as %d", versions[i], versions[j],
                                                r);
                }
}

static void what_says_nothing_makes_no_difference(void **state) {
        (void)state;
        assert_int_equal(version_compare("1_2", "1+2"), 0);
        assert_int_equal(version_compare("007", "7"), 0);
        assert_int_equal(version_compare("a b", "ab"), -1);
        assert_int_equal(version_compare("_", ""), 0);
        assert_int_equal(version_compare("1.2", "1.2_"), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_is_older_than_the_next),
        cmocka_unit_test(what_says_nothing_makes_no_difference),
};

UNIT_TEST_MAIN(tests)
