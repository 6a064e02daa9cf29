/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/capability.h"
#include "plan/dump.h"

static void dump_capabilities(Writer *writer, const char *key, uint64_t capabilities) {
        Arena arena = { 0 };
        const StringList list = capability_list(&arena, capabilities);

        writer_strings(writer, key, WRITER_BLOCK, list.items, list.n_items);
        arena_done(&arena);
}

/* A text: not every reader of JSON takes a number of 64 bits, and "infinity" is none. */
static void dump_limit(Writer *writer, const char *key, uint64_t value) {
        char text[DECIMAL_MAX];

        writer_string(writer, key, limit_to_text(value, text));
}

static void dump_limits(Writer *writer, const LimitPlan *limits) {
        writer_begin_list(writer, "limits", WRITER_BLOCK);
        for (unsigned i = 0; i < LIMIT_MAX; i++) {
                writer_begin_object(writer, NULL, WRITER_LINE);
                writer_string(writer, "name", limit_names[i]);
                dump_limit(writer, "soft", limits[i].limit.soft);
                dump_limit(writer, "hard", limits[i].limit.hard);
                writer_end(writer);
        }
        writer_end(writer);
}

static void dump_cpus(Writer *writer, const CpuSet *cpus) {
        Arena arena = { 0 };

        writer_string(writer, "cpus",
                        cpu_set_is_empty(cpus) ? NULL : cpu_set_to_text(&arena, cpus));
        arena_done(&arena);
}

void plan_dump_privileges(const PrivilegePlan *privileges, Writer *writer) {
        writer_begin_object(writer, "privileges", WRITER_BLOCK);
        dump_capabilities(writer, "capabilities", privileges->capabilities);
        dump_capabilities(writer, "ambient_capabilities", privileges->ambient_capabilities);
        writer_bool(writer, "no_new_privileges", privileges->no_new_privileges);
        writer_bool(writer, "forbids_typing", privileges->forbids_typing);
        writer_string(writer, "personality", architecture_names[privileges->personality]);
        writer_string(writer, "selinux_context", privileges->selinux_context);
        writer_string(writer, "apparmor_profile", privileges->apparmor_profile);
        plan_dump_call_filter(&privileges->call_filter, writer);
        if (privileges->has_oom_score)
                writer_number(writer, "oom_score", privileges->oom_score);
        else
                writer_string(writer, "oom_score", NULL);
        dump_cpus(writer, &privileges->cpus);
        dump_limits(writer, privileges->limits);
        writer_end(writer);
}
