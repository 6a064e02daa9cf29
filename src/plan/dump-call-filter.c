/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/address-family.h"
#include "base/namespaces.h"
#include "plan/call-filter.h"
#include "plan/dump.h"

/* What becomes of a call on a plain machine, or with a filter that allows all. */
static CallVerdict base_verdict(const CallFilter *filter, size_t i) {
        return filter->otherwise == VERDICT_ALLOW
                               ? VERDICT_ALLOW
                               : plan_call_verdict(call_at(i), plan_default_capabilities);
}

/* The calls whose verdict is WANTED and is not that of the base. */
static void
dump_calls(const CallFilter *filter, const char *key, CallVerdict wanted, Writer *writer) {
        size_t n = calls_count();

        writer_begin_list(writer, key, WRITER_LINE);
        for (size_t i = 0; i < n; i++)
                if (filter->verdicts[i] == wanted && base_verdict(filter, i) != wanted)
                        writer_string(writer, NULL, call_at(i)->name);
        writer_end(writer);
}

void plan_dump_call_filter(const CallFilter *filter, Writer *writer) {
        Arena arena = { 0 };
        const StringList families = family_list(&arena, filter->families);
        const StringList namespaces = namespaces_list(&arena, filter->namespaces);

        writer_begin_object(writer, "call_filter", WRITER_BLOCK);
        writer_bool(writer, "is_on", filter->is_on);
        if (filter->is_on) {
                writer_bool(writer, "is_logged", filter->is_logged);
                writer_string(writer, "base",
                                filter->otherwise == VERDICT_ALLOW ? "all" : "default");
                dump_calls(filter, "also_allowed", VERDICT_ALLOW, writer);
                dump_calls(filter, "also_denied", VERDICT_DENY, writer);
                dump_calls(filter, "also_absent", VERDICT_ABSENT, writer);
                dump_calls(filter, "do_nothing", VERDICT_SUCCEED, writer);
                writer_strings(writer, "address_families", WRITER_LINE, families.items,
                                families.n_items);
                writer_strings(writer, "namespaces", WRITER_LINE, namespaces.items,
                                namespaces.n_items);
                writer_bool(writer, "has_audit", filter->has_audit);
                writer_bool(writer, "trusts_socketcall", filter->trusts_socketcall);
        }
        writer_end(writer);
        arena_done(&arena);
}
