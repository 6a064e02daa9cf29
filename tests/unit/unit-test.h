/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What all unit tests include: cmocka with the headers that it wants in front of it.
 *
 * The name of a test is the claim that it proves.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macro.h"

/* main() of a test program with the array "tests". */
#define UNIT_TEST_MAIN(tests)                                                                      \
        int main(void) {                                                                           \
                return cmocka_run_group_tests(tests, NULL, NULL);                                  \
        }
