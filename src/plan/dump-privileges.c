/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/call-filter.h"
#include "base/capability.h"
#include "plan/dump.h"

static const char *const call_filter_names[CALL_FILTER_MAX] = {
        [CALL_FILTER_SUPPRESS_SYNC] = "suppress-sync",
};

static void dump_capabilities(Writer *writer, const char *key, uint64_t capabilities) {
        Arena arena = { 0 };
        const StringList list = capability_list(&arena, capabilities);

        writer_strings(writer, key, WRITER_BLOCK, list.items, list.n_items);
        arena_done(&arena);
}

void plan_dump_privileges(const PrivilegePlan *privileges, Writer *writer) {
        writer_begin_object(writer, "privileges", WRITER_BLOCK);
        dump_capabilities(writer, "capabilities", privileges->capabilities);
        dump_capabilities(writer, "ambient_capabilities", privileges->ambient_capabilities);
        writer_bool(writer, "no_new_privileges", privileges->no_new_privileges);
        writer_begin_list(writer, "call_filters", WRITER_LINE);
        for (unsigned i = 0; i < CALL_FILTER_MAX; i++)
                if (privileges->call_filters & 1U << i)
                        writer_string(writer, NULL, call_filter_names[i]);
        writer_end(writer);
        writer_end(writer);
}
