/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the words of the command line to a running container, one step per line: load, open the
 * root, gather, build, run. Verbs branch off before all that.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "base/writer.h"
#include "config/command-line.h"
#include "container/clean-up.h"
#include "container/container.h"
#include "container/gather-receiver.h"
#include "container/gather-tree.h"
#include "container/gather-users.h"
#include "container/gather.h"
#include "container/pick-ids.h"
#include "container/record.h"
#include "container/sources.h"
#include "control/control.h"
#include "image/mount-stack.h"
#include "image/root.h"
#include "image/settings.h"
#include "plan/dump.h"
#include "plan/plan.h"

enum { NESTING_RANGES = 8, NESTING_RANGES_INSIDE = 2 };

/* A payload in pipe mode gets our 0 to 2, and nothing else may take their numbers. */
static void open_standard_descriptors(void) {
        int fd;

        do
                fd = open("/dev/null", O_RDWR); /* not O_CLOEXEC: the payload gets it */
        while (fd >= 0 && fd <= STDERR_FILENO);
        fd_close(fd);
}

static void make_quiet(void) {
        log_set_level(MIN_OF(log_environment_level(), LOG_WARNING));
}

/* Ranges for containers in the container: as many as were asked for, or enough for some. Those of a
 * container around us have to last for our neighbours as well. */
static unsigned count_delegated(const Config *config, const Facts *facts) {
        if (config->users_delegate > 0 || !config->privileges.nesting || !config_has_users(config))
                return config->users_delegate;

        return facts->is_in_user_namespace ? NESTING_RANGES_INSIDE : NESTING_RANGES;
}

/* Finds the ranges of ids that this configuration leaves to us. */
static int find_ids(const Config *config, Facts *facts, IdLocks *locks) {
        UsersMode mode = config->private_users.mode;
        const PickRequest request = {
                .name = config->machine ?: facts->root.name,
                .owner_uid = facts->root.owner_uid,
                .wants_base = mode == USERS_PICK || mode == USERS_PICK_IF_POSSIBLE ||
                              (mode == USERS_DEFAULT && !config->as_nspawn),
                .n_delegated = count_delegated(config, facts),
        };

        if (!facts->is_root || !facts->is_user_namespace_supported ||
                        (!request.wants_base && request.n_delegated == 0))
                return 0;

        return pick_ids(&request, locks, facts);
}

/* All that is known and decided before anything is done. */
typedef struct {
        Config config;
        Notes notes;
        Facts facts;
        Root root;
        Sources sources;
        IdLocks id_locks;
        Plan plan;
} Start;

/* The tree, and the settings that belong to it. */
static int load_tree(Start *start) {
        int r;

        r = config_check_tree(&start->config, &start->notes);
        if (r < 0)
                return r;
        r = mount_stack_load(&start->config, &start->notes);
        if (r < 0)
                return r;
        r = root_open(&start->config, &start->root, &start->facts.root, &start->facts.arena);
        if (r < 0)
                return r;

        return settings_load(&start->config, &start->facts.root, &start->notes);
}

static int prepare(Start *start) {
        Config *config = &start->config;
        Facts *facts = &start->facts;
        int r;

        r = gather_listen_fds(facts);
        if (r < 0)
                return r;
        r = load_tree(start);
        if (r < 0)
                return r;
        if (config->quiet)
                make_quiet();
        r = config_check(config, &start->notes);
        if (r < 0)
                return r;
        r = root_open_layers(config, &start->root, &facts->root, &facts->arena);
        if (r < 0)
                return r;
        r = gather_facts(config, facts);
        if (r < 0)
                return r;
        gather_tree(config, root_view(&start->root), facts, &start->sources);

        gather_receiver(config, facts, &start->sources);
        sources_open(config, facts, &start->sources);
        r = gather_users(config, root_view(&start->root), facts, &start->sources);
        if (r < 0)
                return r;
        root_close_view(&start->root);
        r = find_ids(config, facts, &start->id_locks);
        if (r < 0)
                return r;

        return plan_build(config, facts, &start->plan, &start->notes);
}

static void start_done(Start *start) {
        id_locks_done(&start->id_locks);
        sources_done(&start->plan, &start->sources);
        root_done(&start->root);
        plan_done(&start->plan);
        facts_done(&start->facts);
}

static int run_config(Start *start) {
        Plan *plan = &start->plan;
        int r;

        if (start->config.dry_run == DRY_RUN_NO && geteuid() == 0)
                record_sweep();

        r = prepare(start);
        if (plan->is_quiet)
                make_quiet();
        notes_print(&start->notes, r < 0 ? LOG_ERROR : LOG_DEBUG);
        if (r < 0)
                return EXIT_FAILURE;

        if (start->config.dry_run != DRY_RUN_NO)
                return plan_print(plan, start->config.dry_run, stdout) < 0 ? EXIT_FAILURE
                                                                           : EXIT_SUCCESS;

        return container_run(plan, &start->root, &start->sources, &start->id_locks);
}

static int run_clean_up(Start *start) {
        int r;

        r = config_check_clean_up(&start->config, &start->notes);
        notes_print(&start->notes, r < 0 ? LOG_ERROR : LOG_DEBUG);
        return r < 0 ? EXIT_FAILURE : clean_up(&start->config);
}

static int run_command_line(int argc, char **argv) {
        Start start = { .root = ROOT_NONE };
        CommandLine line;
        int r, status;

        config_init(&start.config, command_line_is_nspawn(argv[0]));
        r = command_line_parse(argc, argv, environ, &start.config, &line, &start.notes);
        if (start.config.quiet)
                make_quiet();

        if (r >= 0 && line.action == ACTION_RUN)
                status = start.config.clean_up ? run_clean_up(&start) : run_config(&start);
        else {
                notes_print(&start.notes, r < 0 ? LOG_ERROR : LOG_DEBUG);
                status = r >= 0 && fputs(line.text, stdout) >= 0 && fflush(stdout) == 0
                                         ? EXIT_SUCCESS
                                         : EXIT_FAILURE;
        }

        start_done(&start);
        config_done(&start.config);
        return status;
}

/* What a caller ignores or blocks must not change what we see of the payload's end. */
static void reset_signals(void) {
        sigset_t none;

        (void)signal(SIGCHLD, SIG_DFL);
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */
}

int main(int argc, char **argv) {
        open_standard_descriptors();
        reset_signals();
        log_set_level(log_environment_level());
        log_set_style(log_environment_style());
        (void)umask(0); /* all modes are given in full */

        if (argc < 1)
                return EXIT_FAILURE;
        if (argc > 1 && !command_line_is_nspawn(argv[0])) {
                const ControlVerb *verb = control_find(argv[1]);

                if (verb)
                        return verb->run(argc - 1, argv + 1);
                if (text_equal(argv[1], "run")) {
                        argv[1] = argv[0];
                        return run_command_line(argc - 1, argv + 1);
                }
        }

        return run_command_line(argc, argv);
}
