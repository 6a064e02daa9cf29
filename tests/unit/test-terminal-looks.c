/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <string.h>

#include "base/macro.h"
#include "sys/terminal-looks.h"

static void answers_are_told_from_keys(void **state) {
        static const struct {
                const char *given, *left;
                int32_t color;
        } cases[] = {
                { "\x1b]11;rgb:1e1e/2c2c/ffff\x1b\\\x1b[?64;1;2c", "", 0x1e2cff },
                { "\x1b]11;rgb:1/2/f\a", "", 0x1122ff },
                { "ls\x1b]11;rgb:00/80/FF\a\r\x1b[?6c\x1b[A", "ls\r\x1b[A", 0x0080ff },
                { "\x1b[?1;2c", "", -1 },
                { "typed", "typed", -1 },
                { "", "", -1 },
                /* What is none stays, however much it looks like one. */
                { "\x1b]11;rgb:1e1e/2c2c/ffff", "\x1b]11;rgb:1e1e/2c2c/ffff", -1 },
                { "\x1b]11;rgb:1e1e/2c2c", "\x1b]11;rgb:1e1e/2c2c", -1 },
                { "\x1b]11;rgb:", "\x1b]11;rgb:", -1 },
                { "\x1b]11;rgb:12345/1/1\a", "\x1b]11;rgb:12345/1/1\a", -1 },
                { "\x1b]11;rgb:g/1/1\a", "\x1b]11;rgb:g/1/1\a", -1 },
                { "\x1b]10;rgb:1/1/1\a", "\x1b]10;rgb:1/1/1\a", -1 },
                { "\x1b[?1;2", "\x1b[?1;2", -1 },
                { "\x1b[?1;2h", "\x1b[?1;2h", -1 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char keys[64];
                int32_t color;
                size_t n;

                memcpy(keys, cases[i].given, strlen(cases[i].given));
                n = terminal_take_answers(keys, strlen(cases[i].given), &color);
                assert_int_equal(n, strlen(cases[i].left));
                assert_memory_equal(keys, cases[i].left, n);
                assert_int_equal(color, cases[i].color);
        }
}

static void looks_are_taken_back_by_their_kind(void **state) {
        TerminalLooks looks;

        (void)state;
        terminal_looks_set(&looks, NULL, /* has_background= */ false);
        assert_string_equal(looks.on, "");
        assert_string_equal(looks.off, "");

        terminal_looks_set(&looks, "web", /* has_background= */ true);
        terminal_looks_add_background(&looks, "0000ee");
        assert_string_equal(looks.on, "\x1b[22;0t\x1b]0;web\x1b\\\x1b]11;#0000ee\x1b\\");
        assert_string_equal(looks.off, "\x1b]0;\x1b\\\x1b[23;0t\x1b]111\x1b\\");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_told_from_keys),
        cmocka_unit_test(looks_are_taken_back_by_their_kind),
};

UNIT_TEST_MAIN(tests)
