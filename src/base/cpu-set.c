/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cpu-set.h"

void cpu_set_add(CpuSet *set, unsigned cpu) {
        set->words[cpu / CPUS_PER_WORD] |= 1UL << cpu % CPUS_PER_WORD;
}

bool cpu_set_has(const CpuSet *set, unsigned cpu) {
        return cpu < CPUS_MAX && set->words[cpu / CPUS_PER_WORD] >> cpu % CPUS_PER_WORD & 1;
}

bool cpu_set_is_empty(const CpuSet *set) {
        for (unsigned i = 0; i < CPUS_MAX / CPUS_PER_WORD; i++)
                if (set->words[i] != 0)
                        return false;

        return true;
}

const char *cpu_set_to_text(Arena *arena, const CpuSet *set) {
        const char *text = "";

        for (unsigned first = 0, last; first < CPUS_MAX; first = last + 1) {
                const char *comma = text[0] ? "," : "";

                last = first;
                if (!cpu_set_has(set, first))
                        continue;
                while (cpu_set_has(set, last + 1))
                        last++;
                text = last > first ? arena_printf(arena, "%s%s%u-%u", text, comma, first, last)
                                    : arena_printf(arena, "%s%s%u", text, comma, first);
        }

        return text;
}
