/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <string.h>

#include "base/id-range.h"

static const IdRange two[] = { { 0, 600000, 1000 }, { 5000, 1000, 10 } };

static void an_id_is_translated_by_the_line_that_has_it(void **state) {
        uint32_t id = 0;

        (void)state;
        assert_true(id_ranges_to_outside(two, 2, 0, &id));
        assert_int_equal(id, 600000);
        assert_true(id_ranges_to_outside(two, 2, 999, &id));
        assert_int_equal(id, 600999);
        assert_true(id_ranges_to_outside(two, 2, 5009, &id));
        assert_int_equal(id, 1009);
}

static void an_id_of_no_line_has_no_translation(void **state) {
        static const uint32_t ids[] = { 1000, 4999, 5010, 600000, UINT32_MAX };
        uint32_t id = 7;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(ids); i++)
                assert_false(id_ranges_to_outside(two, 2, ids[i], &id));
        assert_false(id_ranges_to_outside(NULL, 0, 0, &id));
        assert_int_equal(id, 7);
}

static void lines_overlap_on_either_side(void **state) {
        const IdRange line = { 100, 1000, 10 };
        const IdRange inside = { 109, 5000, 10 }, outside = { 500, 991, 10 };
        const IdRange beside = { 110, 1010, 10 }, last = { UINT32_MAX - 1, UINT32_MAX - 1, 1 };

        (void)state;
        assert_true(id_range_overlaps(&line, &line));
        assert_true(id_range_overlaps(&line, &inside));
        assert_true(id_range_overlaps(&outside, &line));
        assert_false(id_range_overlaps(&line, &beside));
        assert_false(id_range_overlaps(&line, &last));
}

static void a_range_may_be_had_in_pieces(void **state) {
        const IdRange lines[] = { { 0, 200, 100 }, { 100, 100, 100 }, { 200, 4294967290, 5 } };

        (void)state;
        assert_true(id_ranges_have_outside(lines, 3, 100, 200));
        assert_true(id_ranges_have_outside(lines, 3, 150, 60));
        assert_true(id_ranges_have_outside(lines, 3, 4294967290, 5));
        assert_false(id_ranges_have_outside(lines, 3, 99, 10));
        assert_false(id_ranges_have_outside(lines, 3, 100, 201));
        assert_false(id_ranges_have_outside(lines, 3, 4294967290, 6));
        assert_false(id_ranges_have_outside(NULL, 0, 0, 1));
}

static void lines_are_written_as_the_kernel_reads_them(void **state) {
        char text[ID_RANGES_TEXT_SIZE];

        (void)state;
        assert_int_equal(id_ranges_to_text(two, 2, text), strlen("0 600000 1000\n5000 1000 10\n"));
        assert_string_equal(text, "0 600000 1000\n5000 1000 10\n");
        assert_int_equal(id_ranges_to_text(NULL, 0, text), 0);
        assert_string_equal(text, "");
}

static void more_than_the_kernel_takes_is_refused(void **state) {
        static IdRange lines[ID_RANGES_MAX + 1];
        char text[ID_RANGES_TEXT_SIZE];

        (void)state;
        for (uint32_t i = 0; i < ELEMENTSOF(lines); i++)
                lines[i] = (IdRange){ i, i, 1 };
        assert_true(id_ranges_to_text(lines, ID_RANGES_MAX, text) > 0);
        assert_int_equal(id_ranges_to_text(lines, ID_RANGES_MAX + 1, text), -E2BIG);

        /* A page is the other limit. */
        for (uint32_t i = 0; i < ELEMENTSOF(lines); i++)
                lines[i].outside = 4000000000 + i;
        assert_int_equal(id_ranges_to_text(lines, ID_RANGES_MAX, text), -E2BIG);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_translated_by_the_line_that_has_it),
        cmocka_unit_test(an_id_of_no_line_has_no_translation),
        cmocka_unit_test(lines_overlap_on_either_side),
        cmocka_unit_test(a_range_may_be_had_in_pieces),
        cmocka_unit_test(lines_are_written_as_the_kernel_reads_them),
        cmocka_unit_test(more_than_the_kernel_takes_is_refused),
};

UNIT_TEST_MAIN(tests)
