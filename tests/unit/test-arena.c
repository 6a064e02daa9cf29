/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <string.h>

#include "base/arena.h"

static void memory_is_zeroed_and_aligned(void **state) {
        Arena arena = { 0 };

        (void)state;
        for (size_t size = 1; size < 10000; size = size * 3 + 1) {
                char *memory = arena_allocate(&arena, size);

                assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
                for (size_t i = 0; i < size; i++)
                        assert_int_equal(memory[i], 0);
                memset(memory, 0xff, size);
        }
        arena_done(&arena);
}

static void done_twice_is_harmless_and_the_arena_works_again(void **state) {
        Arena arena = { 0 };

        (void)state;
        assert_string_equal(arena_copy(&arena, "first"), "first");
        arena_done(&arena);
        arena_done(&arena);
        assert_string_equal(arena_copy(&arena, "second"), "second");
        arena_done(&arena);
}

static void copy_of_nothing_is_nothing(void **state) {
        Arena arena = { 0 };

        (void)state;
        assert_null(arena_copy(&arena, NULL));
        assert_string_equal(arena_copy_n(&arena, "abc", 2), "ab");
        assert_string_equal(arena_copy_n(&arena, "abc", 0), "");
        arena_done(&arena);
}

static void printf_takes_any_length(void **state) {
        Arena arena = { 0 };
        const char *text = arena_printf(&arena, "%s%9000d", "x", 7);

        (void)state;
        assert_int_equal(strlen(text), 9001);
        assert_string_equal(text + 8999, " 7");
        arena_done(&arena);
}

static void list_keeps_order_and_ends_with_null(void **state) {
        StringList list = { 0 };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < 100; i++) {
                string_list_add(&arena, &list, arena_printf(&arena, "%zu", i));
                assert_int_equal(list.n_items, i + 1);
                assert_null(list.items[i + 1]);
        }
        for (size_t i = 0; i < 100; i++)
                assert_string_equal(list.items[i], arena_printf(&arena, "%zu", i));
        arena_done(&arena);
}

static void list_owns_its_text(void **state) {
        StringList list = { 0 };
        Arena arena = { 0 };
        char text[] = "before";

        (void)state;
        string_list_add(&arena, &list, text);
        strcpy(text, "after");
        assert_string_equal(list.items[0], "before");
        arena_done(&arena);
}

static void last_assignment_of_a_variable_wins_in_place(void **state) {
        StringList list = { 0 };
        Arena arena = { 0 };

        (void)state;
        string_list_set_variable(&arena, &list, "A=1");
        string_list_set_variable(&arena, &list, "AB=2");
        string_list_set_variable(&arena, &list, "A=3=4");
        assert_int_equal(list.n_items, 2);
        assert_string_equal(list.items[0], "A=3=4");
        assert_string_equal(list.items[1], "AB=2");
        arena_done(&arena);
}

static void grown_array_keeps_its_elements(void **state) {
        size_t n_allocated = 0;
        Arena arena = { 0 };
        int *items = NULL;

        (void)state;
        for (size_t i = 0; i < 1000; i++) {
                items = arena_grow(&arena, items, i, &n_allocated, sizeof *items);
                assert_int_equal(items[i], 0);
                items[i] = (int)i;
        }
        for (size_t i = 0; i < 1000; i++)
                assert_int_equal(items[i], i);
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(done_twice_is_harmless_and_the_arena_works_again),
        cmocka_unit_test(copy_of_nothing_is_nothing),
        cmocka_unit_test(printf_takes_any_length),
        cmocka_unit_test(list_keeps_order_and_ends_with_null),
        cmocka_unit_test(list_owns_its_text),
        cmocka_unit_test(last_assignment_of_a_variable_wins_in_place),
        cmocka_unit_test(grown_array_keeps_its_elements),
};

UNIT_TEST_MAIN(tests)
