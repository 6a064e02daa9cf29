/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/parse.h"

static void yes_and_no_have_six_spellings_each(void **state) {
        static const char *const yes[] = { "1", "yes", "y", "true", "t", "on", "YES", "On" };
        static const char *const no[] = { "0", "no", "n", "false", "f", "off", "NO", "Off" };
        static const char *const bad[] = { "", " yes", "yes ", "2", "01", "oui", "nope" };
        bool value;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(yes); i++) {
                value = false;
                assert_int_equal(parse_bool(yes[i], &value), 0);
                assert_true(value);
                value = true;
                assert_int_equal(parse_bool(no[i], &value), 0);
                assert_false(value);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(parse_bool(bad[i], &value), -EINVAL);
}

static void numbers_are_whole_strings_of_digits(void **state) {
        static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1e3", "a" };
        uint64_t value = 7;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(parse_u64(bad[i], &value), -EINVAL);
        assert_int_equal(value, 7);

        assert_int_equal(parse_u64("18446744073709551615", &value), 0);
        assert_true(value == UINT64_MAX);
        assert_int_equal(parse_u64("18446744073709551616", &value), -ERANGE);
        assert_int_equal(parse_u64("99999999999999999999999", &value), -ERANGE);
}

static void numbers_that_do_not_fit_are_refused(void **state) {
        uint32_t small = 7;
        int64_t number = 7;

        (void)state;
        assert_int_equal(parse_u32("4294967295", &small), 0);
        assert_int_equal(small, UINT32_MAX);
        assert_int_equal(parse_u32("4294967296", &small), -ERANGE);

        assert_int_equal(parse_i64("-9223372036854775807", &number), 0);
        assert_true(number == -INT64_MAX);
        assert_int_equal(parse_i64("9223372036854775808", &number), -ERANGE);
        assert_int_equal(parse_i64("--1", &number), -EINVAL);
        assert_int_equal(parse_i64("-", &number), -EINVAL);
}

static void ids_that_mean_none_or_look_octal_are_refused(void **state) {
        uint32_t id = 7;

        (void)state;
        assert_int_equal(parse_id("0", &id), 0);
        assert_int_equal(id, 0);
        assert_int_equal(parse_id("4294967294", &id), 0);
        assert_int_equal(parse_id("4294967295", &id), -ERANGE);
        assert_int_equal(parse_id("4294967296", &id), -ERANGE);
        assert_int_equal(parse_id("65535", &id), -ERANGE);
        assert_int_equal(parse_id("00", &id), -EINVAL);
        assert_int_equal(parse_id("0x0", &id), -EINVAL);
        assert_int_equal(parse_id("-1", &id), -EINVAL);
        assert_int_equal(parse_id("", &id), -EINVAL);
}

static void times_have_units_and_fractions(void **state) {
        static const struct {
                const char *text;
                int64_t us;
        } good[] = {
                { "0", 0 },
                { "90", 90000000 },
                { "1.5s", 1500000 },
                { "250ms", 250000 },
                { "7us", 7 },
                { "2min", 120000000 },
                { "1h", 3600000000 },
                { "-2d", -172800000000 },
                { "1w", 604800000000 },
                { "0.0000019", 1 },
        };
        static const char *const bad[] = { "", "-", ".5", "5.", "1 h", "h", "1y", "1.5.5", "+1" };
        int64_t us;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                assert_int_equal(parse_time_us(good[i].text, &us), 0);
                assert_true(us == good[i].us);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(parse_time_us(bad[i], &us), -EINVAL);
        assert_int_equal(parse_time_us("9223372036855", &us), -ERANGE);
        assert_int_equal(parse_time_us("99999999999999999999", &us), -ERANGE);
}

static void signals_have_names_numbers_and_offsets(void **state) {
        static const char *const bad[] = { "", "SIG", "term", "SIGSIGTERM", "TERM+1", "RTMIN-1",
                "RTMIN+", "RTMAX+1", "-9", "9x" };
        int signal;

        (void)state;
        assert_int_equal(parse_signal("TERM", &signal), 0);
        assert_int_equal(signal, SIGTERM);
        assert_int_equal(parse_signal("SIGKILL", &signal), 0);
        assert_int_equal(signal, SIGKILL);
        assert_int_equal(parse_signal("15", &signal), 0);
        assert_int_equal(signal, SIGTERM);
        assert_int_equal(parse_signal("RTMIN+3", &signal), 0);
        assert_int_equal(signal, SIGRTMIN + 3);
        assert_int_equal(parse_signal("SIGRTMAX-1", &signal), 0);
        assert_int_equal(signal, SIGRTMAX - 1);
        assert_int_equal(parse_signal("RTMIN", &signal), 0);
        assert_int_equal(signal, SIGRTMIN);

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(parse_signal(bad[i], &signal), -EINVAL);
        assert_int_equal(parse_signal("0", &signal), -ERANGE);
        assert_int_equal(parse_signal("65", &signal), -ERANGE);
        assert_int_equal(parse_signal("RTMIN+31", &signal), -ERANGE);
        assert_int_equal(parse_signal("RTMAX-31", &signal), -ERANGE);
}

static void every_signal_survives_the_way_to_its_name_and_back(void **state) {
        char name[16];
        int back;

        (void)state;
        for (int i = 1; i <= SIGRTMAX; i++) {
                assert_int_equal(parse_signal(signal_to_name(i, name), &back), 0);
                assert_int_equal(back, i);
        }
}

static void uuid_has_two_forms_and_is_never_zero(void **state) {
        static const uint8_t expected[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe,
                0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };
        static const char *const bad[] = {
                "",
                "0",
                "00000000000000000000000000000000",
                "00000000-0000-0000-0000-000000000000",
                "0123456789abcdeffedcba987654321",
                "0123456789abcdeffedcba98765432100",
                "0123456789abcdeffedcba987654321g",
                "01234567-89ab-cdef-fedc_ba9876543210",
                "0123456-789ab-cdef-fedc-ba9876543210",
        };
        uint8_t uuid[16];
        char hex[33], dashed[37];

        (void)state;
        assert_int_equal(parse_uuid("0123456789abcdeffedcba9876543210", uuid), 0);
        assert_memory_equal(uuid, expected, 16);
        assert_int_equal(parse_uuid("01234567-89AB-CDEF-fedc-ba9876543210", uuid), 0);
        assert_memory_equal(uuid, expected, 16);

        uuid_to_hex(uuid, hex);
        assert_string_equal(hex, "0123456789abcdeffedcba9876543210");
        uuid_to_dashed(uuid, dashed);
        assert_string_equal(dashed, "01234567-89ab-cdef-fedc-ba9876543210");

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(parse_uuid(bad[i], uuid), -EINVAL);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(yes_and_no_have_six_spellings_each),
        cmocka_unit_test(numbers_are_whole_strings_of_digits),
        cmocka_unit_test(numbers_that_do_not_fit_are_refused),
        cmocka_unit_test(ids_that_mean_none_or_look_octal_are_refused),
        cmocka_unit_test(times_have_units_and_fractions),
        cmocka_unit_test(signals_have_names_numbers_and_offsets),
        cmocka_unit_test(every_signal_survives_the_way_to_its_name_and_back),
        cmocka_unit_test(uuid_has_two_forms_and_is_never_zero),
};

UNIT_TEST_MAIN(tests)
