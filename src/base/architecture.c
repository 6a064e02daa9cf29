/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/architecture.h"

#include <elf.h>
#include <endian.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"

const char *const architecture_names[ARCHITECTURE_MAX] = {
        [ARCHITECTURE_X86] = "x86",
        [ARCHITECTURE_X86_64] = "x86-64",
        [ARCHITECTURE_ARM] = "arm",
        [ARCHITECTURE_ARM64] = "arm64",
};

Architecture architecture_of_program(const void *header, size_t size) {
        static const struct {
                uint16_t machine;
                Architecture architecture;
        } machines[] = {
                { EM_386, ARCHITECTURE_X86 },
                { EM_X86_64, ARCHITECTURE_X86_64 },
                { EM_ARM, ARCHITECTURE_ARM },
                { EM_AARCH64, ARCHITECTURE_ARM64 },
        };
        Elf32_Ehdr elf; /* The same for both sizes, as far as it is looked at. */

        if (size < offsetof(Elf32_Ehdr, e_version))
                return ARCHITECTURE_UNKNOWN;
        memcpy(&elf, header, offsetof(Elf32_Ehdr, e_version));
        if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_DATA] != ELFDATA2LSB)
                return ARCHITECTURE_UNKNOWN;

        for (size_t i = 0; i < ELEMENTSOF(machines); i++)
                if (le16toh(elf.e_machine) == machines[i].machine)
                        return machines[i].architecture;

        return ARCHITECTURE_UNKNOWN;
}

Architecture architecture_of_platform(const char *platform) {
        static const struct {
                const char *platform;
                Architecture architecture;
        } platforms[] = {
                { "x86_64", ARCHITECTURE_X86_64 },
                { "i686", ARCHITECTURE_X86 },
                { "i586", ARCHITECTURE_X86 },
                { "aarch64", ARCHITECTURE_ARM64 },
                { "v7l", ARCHITECTURE_ARM },
                { "v8l", ARCHITECTURE_ARM },
        };

        for (size_t i = 0; i < ELEMENTSOF(platforms); i++)
                if (text_equal(platform, platforms[i].platform))
                        return platforms[i].architecture;

        return ARCHITECTURE_UNKNOWN;
}

Architecture architecture_secondary(Architecture architecture) {
        return architecture == ARCHITECTURE_X86_64  ? ARCHITECTURE_X86
               : architecture == ARCHITECTURE_ARM64 ? ARCHITECTURE_ARM
                                                    : ARCHITECTURE_UNKNOWN;
}
