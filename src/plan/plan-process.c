/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/parse.h"
#include "base/text.h"
#include "plan/build.h"

static const char *const inits[] = {
        "/usr/lib/systemd/systemd",
        "/lib/systemd/systemd",
        "/sbin/init",
        "/etc/init",
        "/bin/init",
};

static const char *const shells[] = { "/bin/bash", "/bin/sh" };

static void choose_program(const PlanBuild *build) {
        const Config *config = build->config;
        ProcessPlan *process = &build->plan->process;
        Arena *arena = &build->plan->arena;
        const char *const *programs = NULL;
        size_t n_programs = 0, first_argument = 0;

        process->has_stub_init = config->start_mode == START_AS_PID2;
        if (config->start_mode == START_BOOT) {
                process->kind = PROCESS_BOOT;
                programs = inits;
                n_programs = ELEMENTSOF(inits);
        } else if (config->words.n_items == 0) {
                process->kind = PROCESS_SHELL;
                programs = shells;
                n_programs = ELEMENTSOF(shells);
        } else {
                process->kind = PROCESS_COMMAND;
                programs = config->words.items;
                n_programs = first_argument = 1;
        }

        for (size_t i = 0; i < n_programs; i++)
                string_list_add(arena, &process->programs, programs[i]);
        for (size_t i = first_argument; i < config->words.n_items; i++)
                string_list_add(arena, &process->arguments, config->words.items[i]);
}

static int check_tree(const PlanBuild *build) {
        const RootFacts *root = &build->facts->root;

        if (build->plan->process.kind == PROCESS_BOOT && !root->has_os_release &&
                        !build->facts->environment.lets_os_release_lack)
                return plan_fail(build, -ENOENT,
                                "'%s' is no OS tree: it has neither etc/os-release nor "
                                "usr/lib/os-release",
                                root->path);
        if (build->plan->process.kind != PROCESS_BOOT && !root->has_usr)
                return plan_fail(build, -ENOENT, "'%s' is no OS tree: it has no usr", root->path);

        return 0;
}

static void choose_console(const PlanBuild *build) {
        ProcessPlan *process = &build->plan->process;
        bool has_terminal = build->facts->has_terminal;

        process->console = build->config->console_mode;
        if (process->console == CONSOLE_DEFAULT)
                process->console = has_terminal ? CONSOLE_INTERACTIVE
                                   : process->kind == PROCESS_BOOT || build->config->as_nspawn
                                                   ? CONSOLE_READ_ONLY
                                                   : CONSOLE_PIPE;
        else if (process->console == CONSOLE_AUTOPIPE)
                process->console = has_terminal ? CONSOLE_INTERACTIVE : CONSOLE_PIPE;

        /* Standard error is the payload's then. */
        if (process->console == CONSOLE_PIPE)
                build->plan->is_quiet = true;
}

/* What the caller's terminal looks like meanwhile. Escape sequences are for terminals that have
 * them, and colors for those who want them. */
static void choose_looks(const PlanBuild *build) {
        const Facts *facts = build->facts;
        ProcessPlan *process = &build->plan->process;
        Arena *arena = &build->plan->arena;

        if (process->console != CONSOLE_INTERACTIVE || !facts->has_terminal ||
                        text_is_empty(facts->term) || text_equal(facts->term, "dumb"))
                return;

        if (!facts->no_color)
                process->background = arena_copy(arena, build->config->background);
        process->tints = build->config->as_nspawn && !facts->no_color &&
                         !facts->environment.keeps_background &&
                         build->config->ranks[SLOT_BACKGROUND] == RANK_DEFAULT;
        if (build->config->as_nspawn && !facts->environment.keeps_title)
                process->title = build->plan->name;
}

static void add_variable(const PlanBuild *build, const char *name, const char *value) {
        Arena *arena = &build->plan->arena;

        if (value)
                string_list_set_variable(arena, &build->plan->process.environment,
                                arena_printf(arena, "%s=%s", name, value));
}

static bool is_usable_terminal(const PlanBuild *build) {
        return build->plan->process.console != CONSOLE_PIPE && build->facts->has_terminal &&
               !text_is_empty(build->facts->term);
}

static void choose_environment(const PlanBuild *build) {
        const Facts *facts = build->facts;
        ProcessPlan *process = &build->plan->process;
        Arena *arena = &build->plan->arena;
        char uuid[37];

        uuid_to_dashed(build->plan->uuid, uuid);
        add_variable(build, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        add_variable(build, "container", build->plan->service);
        add_variable(build, "TERM", is_usable_terminal(build) ? facts->term : "dumb");
        if (is_usable_terminal(build)) {
                add_variable(build, "COLORTERM", facts->colorterm);
                add_variable(build, "NO_COLOR", facts->no_color);
        }
        add_variable(build, "container_uuid", uuid);
        add_variable(build, "NOTIFY_SOCKET", "/run/host/notify");
        if (facts->n_listen_fds > 0) {
                add_variable(build, "LISTEN_FDS", arena_printf(arena, "%u", facts->n_listen_fds));
                add_variable(build, "LISTEN_PID", process->has_stub_init ? "2" : "1");
                add_variable(build, "LISTEN_FDNAMES", facts->listen_names);
        }
        if (process->kind != PROCESS_BOOT)
                add_variable(build, "LANG", "C.UTF-8");
        for (size_t i = 0; i < facts->os_release.n_items; i++)
                string_list_set_variable(arena, &process->environment, facts->os_release.items[i]);

        for (size_t i = 0; i < build->config->environment.n_items; i++)
                string_list_add(arena, &process->user_environment,
                                build->config->environment.items[i]);
}

static void choose_kill_signal(const PlanBuild *build) {
        ProcessPlan *process = &build->plan->process;

        if (build->config->kill_signal > 0)
                process->kill_signal = build->config->kill_signal;
        else if (process->kind == PROCESS_BOOT)
                process->kill_signal = build->config->as_nspawn ? SIGRTMIN + 3 : 0;
        else if (process->has_stub_init && !build->config->as_nspawn)
                process->kill_signal = SIGRTMIN + 3; /* the stub's word for an orderly end */
        else
                process->kill_signal = -1;
}

int plan_build_process(const PlanBuild *build) {
        const Config *config = build->config;
        ProcessPlan *process = &build->plan->process;
        int r;

        choose_program(build);
        r = check_tree(build);
        if (r < 0)
                return r;

        process->user = arena_copy(&build->plan->arena, config->user);
        process->chdir = arena_copy(&build->plan->arena, config->chdir);
        process->n_listen_fds = build->facts->n_listen_fds;
        choose_console(build);
        choose_looks(build);
        choose_environment(build);
        choose_kill_signal(build);
        return 0;
}
