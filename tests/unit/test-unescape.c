/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <string.h>

#include "base/unescape.h"

static void unescape_gives(const char *text, const char *bytes, size_t n_bytes) {
        Arena arena = { 0 };
        size_t size = SIZE_MAX;
        char *made = unescape(&arena, text, &size);

        if (!made)
                fail_msg("'%s' was refused", text);
        assert_int_equal(size, n_bytes);
        assert_memory_equal(made, bytes, n_bytes);
        assert_int_equal(made[size], 0);
        arena_done(&arena);
}

#define GIVES(text, bytes) unescape_gives(text, bytes, sizeof(bytes) - 1)

static void unescape_turns_escapes_into_bytes(void **state) {
        (void)state;

        GIVES("", "");
        GIVES("plain: text", "plain: text");
        GIVES("\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\\s", "\a\b\f\n\r\t\v\\\"' ");
        GIVES("\\x00\\x41\\xfF", "\0A\xff");
        GIVES("\\000\\101\\377", "\0A\xff");
        GIVES("\\0011", "\0011");
        GIVES("\\u0041\\u00fc\\u20ac\\U0001f600", "A\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80");
        GIVES("\xff", "\xff");
}

static void unescape_refuses_what_is_no_escape(void **state) {
        static const char *const bad[] = { "\\", "a\\", "\\q", "\\x", "\\x4", "\\x4g", "\\0",
                "\\01", "\\08", "\\400", "\\u004", "\\ud800", "\\udfff", "\\U0011000",
                "\\U00110000" };

        (void)state;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                Arena arena = { 0 };
                size_t size;

                if (unescape(&arena, bad[i], &size))
                        fail_msg("'%s' was taken", bad[i]);
                arena_done(&arena);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unescape_turns_escapes_into_bytes),
        cmocka_unit_test(unescape_refuses_what_is_no_escape),
};

UNIT_TEST_MAIN(tests)
