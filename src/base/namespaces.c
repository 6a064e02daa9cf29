/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/namespaces.h"

#include "base/macro.h"
#include "base/text.h"

/* clang-format off */
static const struct {
        const char *name;
        uint32_t flag;
} kinds[] = {
        { "cgroup", CLONE_NEWCGROUP },
        { "ipc", CLONE_NEWIPC },
        { "mnt", CLONE_NEWNS },
        { "net", CLONE_NEWNET },
        { "pid", CLONE_NEWPID },
        { "time", CLONE_NEWTIME },
        { "user", CLONE_NEWUSER },
        { "uts", CLONE_NEWUTS },
};
/* clang-format on */

uint32_t namespaces_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (text_equal(kinds[i].name, name))
                        return kinds[i].flag;

        return 0;
}

StringList namespaces_list(Arena *arena, uint32_t mask) {
        StringList list = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (mask & kinds[i].flag)
                        string_list_add(arena, &list, kinds[i].name);

        return list;
}
