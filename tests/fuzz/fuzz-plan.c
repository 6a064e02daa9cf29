/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-plan.h"

#include "base/path.h"
#include "base/writer.h"
#include "fuzz.h"
#include "plan/dump.h"
#include "plan/plan.h"
#include "test-host.h"

static void check(const Plan *plan) {
        for (size_t i = 0; i < plan->n_mounts; i++) {
                FUZZ_MUST(path_is_absolute(plan->mounts[i].target));
                FUZZ_MUST(path_is_normalized(plan->mounts[i].target));
        }
}

static void print(const Plan *plan, WriterFormat format) {
        Writer writer;

        writer_init(&writer, format);
        plan_dump(plan, &writer);
        FUZZ_MUST(writer_finish(&writer)[0] != '\0');
        writer_done(&writer);
}

void fuzz_plan(const Config *config) {
        Facts facts = { 0 };
        Plan plan = { 0 };
        Notes notes = { 0 };
        int r;

        test_host_facts(&facts);
        test_host_complete(config, &facts);
        r = plan_build(config, &facts, &plan, &notes);
        fuzz_check_result(r, &notes);
        if (r >= 0) {
                check(&plan);
                print(&plan, config->dry_run == DRY_RUN_JSON ? WRITER_JSON : WRITER_TEXT);
        }

        plan_done(&plan);
        facts_done(&facts);
}
