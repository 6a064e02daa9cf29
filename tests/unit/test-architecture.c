/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <elf.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/architecture.h"

static Elf64_Ehdr header_of(uint16_t machine) {
        Elf64_Ehdr header = { .e_machine = machine };

        memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        return header;
}

static void programs_are_known_by_their_header(void **state) {
        static const struct {
                uint16_t machine;
                Architecture architecture;
        } cases[] = {
                { EM_386, ARCHITECTURE_X86 },
                { EM_X86_64, ARCHITECTURE_X86_64 },
                { EM_ARM, ARCHITECTURE_ARM },
                { EM_AARCH64, ARCHITECTURE_ARM64 },
                { EM_RISCV, ARCHITECTURE_UNKNOWN },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Elf64_Ehdr header = header_of(cases[i].machine);

                assert_int_equal(architecture_of_program(&header, sizeof header),
                                cases[i].architecture);
        }
}

static void what_is_no_program_has_no_architecture(void **state) {
        Elf64_Ehdr header = header_of(EM_386);

        (void)state;
        assert_int_equal(architecture_of_program("#!/bin/sh\n", 10), ARCHITECTURE_UNKNOWN);
        assert_int_equal(architecture_of_program(&header, 19), ARCHITECTURE_UNKNOWN);
        assert_int_equal(architecture_of_program(&header, 20), ARCHITECTURE_X86);
        header.e_ident[EI_DATA] = ELFDATA2MSB;
        assert_int_equal(architecture_of_program(&header, sizeof header), ARCHITECTURE_UNKNOWN);
}

static void this_machine_is_known(void **state) {
        (void)state;
        assert_int_not_equal(architecture_of_platform((const char *)getauxval(AT_PLATFORM)),
                        ARCHITECTURE_UNKNOWN);
        assert_int_equal(architecture_of_platform(NULL), ARCHITECTURE_UNKNOWN);
        assert_int_equal(architecture_secondary(ARCHITECTURE_X86_64), ARCHITECTURE_X86);
        assert_int_equal(architecture_secondary(ARCHITECTURE_X86), ARCHITECTURE_UNKNOWN);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_known_by_their_header),
        cmocka_unit_test(what_is_no_program_has_no_architecture),
        cmocka_unit_test(this_machine_is_known),
};

UNIT_TEST_MAIN(tests)
