/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Prints the plan for a command line on a host that is described in a file: no root needed, and
 * nothing of this host gets in.
 *
 *         plan-test CASE.args CASE.facts [SETTINGS...]
 *
 * CASE.args    words at white space, kept together by quotes; the first is the program's name
 * CASE.facts   lines KEY=VALUE with the fields of Facts, on top of the host in test_host_facts();
 *              a line that starts with '#' is a comment. source=PATH TYPE MODE UID GID is a file
 *              that a mount names (TYPE: dir exposed reg chr blk mount missing); those that are not
 *              described are folders of the host's root
 * SETTINGS     settings files in their order: CASE.etc.nspawn is trusted, CASE.beside.nspawn not
 *
 * First come the notes, one a line, then the plan (--dry-run=json: as JSON), or the error's name.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/capability.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "config/command-line.h"
#include "config/settings-file.h"
#include "config/value-privileges.h"
#include "config/value.h"
#include "fact-values.h"
#include "plan/dump.h"
#include "test-host.h"

enum { FILE_SIZE = 65536, WORDS_MAX = 64 };

static _Noreturn void die(const char *what, const char *object) {
        (void)fprintf(stderr, "plan-test: %s '%s'\n", what, object);
        exit(2);
}

/* What --setenv=NAME passes on. */
static char *caller_environment[] = { (char *)"HOME=/home/me", (char *)"EDITOR=vi", NULL };

typedef enum {
        FACT_BOOL,
        FACT_CAPABILITIES,
        FACT_TEXT,
        FACT_NUMBER,
        FACT_LIMIT,
        FACT_ARCHITECTURE,
        FACT_UUID,
        FACT_CGROUP_HOST,
        FACT_API_VFS,
        FACT_LIST,
        FACT_LAYERS,
        FACT_FILES,
        FACT_DEVICES,
        FACT_FILE,
        FACT_ENTRY,
        FACT_SOURCE,
        FACT_ACCOUNTS,
        FACT_HOST_USERS,
} FactKind;

#define FACT(kind, field)                                                                          \
        { #field, kind, offsetof(Facts, field) }

/* clang-format off */
static const struct {
        const char *key;
        FactKind kind;
        size_t offset;
} facts_table[] = {
        FACT(FACT_BOOL, is_root),
        FACT(FACT_CAPABILITIES, capabilities),
        FACT(FACT_BOOL, has_terminal),
        FACT(FACT_BOOL, has_any_terminal),
        FACT(FACT_TEXT, term),
        FACT(FACT_TEXT, colorterm),
        FACT(FACT_TEXT, no_color),
        FACT(FACT_NUMBER, n_listen_fds),
        FACT(FACT_TEXT, listen_names),
        FACT(FACT_API_VFS, environment.api_vfs),
        FACT(FACT_BOOL, environment.lets_os_release_lack),
        FACT(FACT_BOOL, environment.lets_tmp_be),
        FACT(FACT_BOOL, environment.lets_cgroup_be),
        FACT(FACT_BOOL, environment.lets_others_lock),
        FACT(FACT_BOOL, environment.shares_ipc),
        FACT(FACT_BOOL, environment.shares_pid),
        FACT(FACT_BOOL, environment.shares_uts),
        FACT(FACT_BOOL, environment.suppresses_sync),
        FACT(FACT_BOOL, environment.keeps_title),
        FACT(FACT_BOOL, environment.keeps_background),
        FACT(FACT_BOOL, environment.lets_calls_be),
        FACT(FACT_BOOL, environment.logs_refused_calls),
        FACT(FACT_TEXT, environment.service),
        FACT(FACT_BOOL, has_system_bus),
        FACT(FACT_LIMIT, limit_nproc),
        FACT(FACT_ARCHITECTURE, architecture),
        FACT(FACT_ARCHITECTURE, root.architecture),
        FACT(FACT_CGROUP_HOST, cgroup_host),
        FACT(FACT_TEXT, own_cgroup),
        FACT(FACT_BOOL, is_cgroup_namespace_supported),
        FACT(FACT_BOOL, is_time_namespace_supported),
        FACT(FACT_BOOL, is_user_namespace_supported),
        FACT(FACT_BOOL, is_in_user_namespace),
        FACT(FACT_BOOL, has_dev_fuse),
        FACT(FACT_BOOL, has_dev_tun),
        FACT(FACT_BOOL, has_all_ids),
        FACT(FACT_BOOL, has_selinux),
        FACT(FACT_BOOL, has_selinux_policy),
        FACT(FACT_BOOL, has_apparmor),
        FACT(FACT_NUMBER, picked_base),
        FACT(FACT_NUMBER, delegated_bases[0]),
        FACT(FACT_NUMBER, delegated_bases[1]),
        FACT(FACT_NUMBER, n_delegated),
        FACT(FACT_TEXT, random_suffix),
        FACT(FACT_UUID, random_uuid),
        FACT(FACT_LIST, os_release),
        FACT(FACT_TEXT, os_release_path),
        FACT(FACT_DEVICES, devices),
        FACT(FACT_FILES, credentials),
        FACT(FACT_FILE, resolv_confs[RESOLV_SOURCE_HOST]),
        FACT(FACT_FILE, resolv_confs[RESOLV_SOURCE_STATIC]),
        FACT(FACT_FILE, resolv_confs[RESOLV_SOURCE_UPLINK]),
        FACT(FACT_FILE, resolv_confs[RESOLV_SOURCE_STUB]),
        FACT(FACT_BOOL, has_resolved_stub),
        FACT(FACT_FILE, localtime),
        FACT(FACT_TEXT, timezone),
        FACT(FACT_ENTRY, root.resolv_conf),
        FACT(FACT_ENTRY, root.localtime),
        FACT(FACT_TEXT, root.timezone),
        FACT(FACT_BOOL, root.has_host_timezone),
        FACT(FACT_TEXT, root.path),
        FACT(FACT_TEXT, root.template_path),
        FACT(FACT_TEXT, root.name),
        FACT(FACT_NUMBER, root.owner_uid),
        FACT(FACT_NUMBER, root.owner_gid),
        FACT(FACT_BOOL, root.is_host_root),
        FACT(FACT_BOOL, root.has_os_release),
        FACT(FACT_BOOL, root.has_usr),
        FACT(FACT_BOOL, root.is_read_only),
        FACT(FACT_BOOL, root.is_exposed),
        FACT(FACT_TEXT, root.beside),
        FACT(FACT_TEXT, root.left_upper),
        FACT(FACT_BOOL, root.can_write_beside),
        FACT(FACT_BOOL, root.has_own_bin),
        FACT(FACT_TEXT, root.upper),
        FACT(FACT_BOOL, root.can_write_upper),
        FACT(FACT_BOOL, root.is_upper_exposed),
        { "root.layer", FACT_LAYERS, offsetof(Facts, root) },
        FACT(FACT_LIST, root.submounts),
        FACT(FACT_TEXT, root.machine_id),
        FACT(FACT_ACCOUNTS, root.users),
        FACT(FACT_ACCOUNTS, root.groups),
        FACT(FACT_HOST_USERS, host_users),
        FACT(FACT_TEXT, journal.host_machine_id),
        FACT(FACT_BOOL, journal.has_folder),
        FACT(FACT_BOOL, journal.is_behind_link),
        FACT(FACT_NUMBER, journal.group),
        FACT(FACT_TEXT, journal.receiver),
        FACT(FACT_NUMBER, journal.receiver_version),
        { "source", FACT_SOURCE, offsetof(Facts, sources) },
};
/* clang-format on */

/* An empty VALUE means NULL, no file, or an empty list. */
static int set_fact(Arena *arena, FactKind kind, const char *value, void *field) {
        const char *reason;

        switch (kind) {
        case FACT_BOOL:
                return parse_bool(value, field);
        case FACT_CAPABILITIES:
                return value_capabilities(
                                arena, value, memset(field, 0, sizeof(uint64_t)), &reason);
        case FACT_ARCHITECTURE:
                return value_personality(arena, value, field, &reason);
        case FACT_LIMIT:
                return fact_parse_limit(arena, value, field);
        case FACT_NUMBER:
                return parse_u32(value, field);
        case FACT_UUID:
                return parse_uuid(value, field);
        case FACT_CGROUP_HOST:
                return fact_parse_cgroup_host(value, field);
        case FACT_API_VFS:
                return fact_parse_api_vfs(value, field);
        case FACT_TEXT:
                *(const char **)field = value[0] ? arena_copy(arena, value) : NULL;
                return 0;
        case FACT_SOURCE:
                return fact_add_source(arena, value, field);
        case FACT_LAYERS:
                return fact_add_layer(arena, value, field);
        case FACT_LIST:
                if (value[0])
                        string_list_add(arena, field, value);
                else
                        *(StringList *)field = (StringList){ 0 };
                return 0;
        case FACT_FILES:
                return fact_add_file(arena, value, field);
        case FACT_DEVICES:
                return fact_add_device(arena, value, field);
        case FACT_FILE:
                return fact_parse_file(arena, value, field);
        case FACT_ENTRY:
                return fact_parse_entry(value, field);
        case FACT_ACCOUNTS:
                return fact_add_account(arena, value, field);
        case FACT_HOST_USERS:
                return fact_add_host_user(arena, value, field);
        }

        return -EINVAL;
}

static void parse_facts_line(Facts *facts, char *line) {
        char *value = strchr(line, '=');

        if (!value)
                die("Not an assignment:", line);
        *value++ = '\0';

        for (size_t i = 0; i < ELEMENTSOF(facts_table); i++)
                if (text_equal(facts_table[i].key, line)) {
                        void *field = (char *)facts + facts_table[i].offset;

                        if (set_fact(&facts->arena, facts_table[i].kind, value, field) < 0)
                                die("Bad value for", line);
                        return;
                }

        die("No such fact:", line);
}

static char *read_file(Arena *arena, const char *path) {
        char *text = arena_allocate(arena, FILE_SIZE);

        if (io_read_file(AT_FDCWD, path, text, FILE_SIZE) < 0)
                die("Cannot read", path);
        return text;
}

static void load_facts(const char *path, Facts *facts) {
        char *rest = read_file(&facts->arena, path), *line;

        test_host_facts(facts);
        while ((line = strsep(&rest, "\n")))
                if (line[0] != '#' && line[0] != '\0')
                        parse_facts_line(facts, line);
}

static void print_notes(const Notes *notes, LogLevel level) {
        static const char *const names[] = { "error", "warning", "notice", "debug" };

        static_assert(ELEMENTSOF(names) == LOG_LEVEL_MAX, "in the order of LogLevel");
        for (size_t i = 0; i < notes->n_items; i++)
                if (notes->items[i].level <= level)
                        printf("%s: %s\n", names[notes->items[i].level], notes->items[i].text);
}

/* Files are called by their last part, so that messages are the same everywhere. */
static int load_settings(char **paths, Config *config, Notes *notes) {
        int r = 0;

        for (char **path = paths; r >= 0 && *path; path++) {
                const char *text = read_file(&config->arena, *path);
                SettingsFile file = {
                        .path = path_last(&config->arena, *path),
                        .text = text,
                        .size = strlen(text),
                        .is_trusted = text_ends_with(*path, ".etc.nspawn"),
                };

                r = settings_file_parse(config, &file, notes);
        }

        return r;
}

static int
load_config(const StringList *words, char **settings_paths, Config *config, Notes *notes) {
        char *argv[WORDS_MAX + 1] = { NULL };
        CommandLine line;
        int r;

        if (words->n_items == 0 || words->n_items > WORDS_MAX)
                die("Too few or too many words:", "args");
        for (size_t i = 0; i < words->n_items; i++)
                argv[i] = (char *)words->items[i];

        config_init(config, command_line_is_nspawn(argv[0]));
        r = command_line_parse((int)words->n_items, argv, caller_environment, config, &line, notes);
        if (r >= 0 && line.action != ACTION_RUN)
                die("Not a command line that runs a container:", argv[0]);

        if (r >= 0)
                r = config_check_tree(config, notes);
        if (r >= 0)
                r = load_settings(settings_paths, config, notes);
        return r < 0 ? r : config_check(config, notes);
}

int main(int argc, char **argv) {
        Arena arena = { 0 };
        Config config;
        Facts facts = { 0 };
        Plan plan = { 0 };
        Notes notes = { 0 };
        StringList words;
        int r;

        if (argc < 3)
                die("Usage:", "plan-test CASE.args CASE.facts [SETTINGS...]");

        if (text_split_quoted(&arena, read_file(&arena, argv[1]), &words) < 0)
                die("A quote does not end in", argv[1]);
        load_facts(argv[2], &facts);
        r = load_config(&words, argv + 3, &config, &notes);
        if (r >= 0)
                test_host_complete(&config, &facts);
        if (r >= 0)
                r = plan_build(&config, &facts, &plan, &notes);

        print_notes(&notes, r < 0 ? LOG_ERROR : LOG_DEBUG); /* as main does */
        if (r < 0)
                printf("failed: %s\n", strerrorname_np(-r));
        else
                r = plan_print(&plan, config.dry_run, stdout);

        plan_done(&plan);
        facts_done(&facts);
        config_done(&config);
        arena_done(&arena);
        return ferror(stdout) || fflush(stdout) != 0;
}
