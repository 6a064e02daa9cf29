/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Users of the host who get an account inside: their home, shown with its owner mapped to an id
 * that is free in the tree, and records in /run/host/userdb, where nss-systemd finds them. The tree
 * itself stays as it is.
 */

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/text.h"
#include "base/writer.h"
#include "plan/build.h"

/* The ids that systemd has set aside for this. Source: its document on users and groups. */
enum { ID_FIRST = 60514, ID_LAST = 60577 };

#define HOMES   "/run/host/home"
#define RECORDS "/run/host/userdb"

static const Account *find_name(const AccountList *accounts, const char *name) {
        for (size_t i = 0; i < accounts->n_items; i++)
                if (text_equal(accounts->items[i].name, name))
                        return &accounts->items[i];

        return NULL;
}

static bool has_id(const AccountList *accounts, uint32_t id) {
        for (size_t i = 0; i < accounts->n_items; i++)
                if (accounts->items[i].id == id)
                        return true;

        return false;
}

static int choose_id(const PlanBuild *build, const HostUser *user, uint32_t *next, uint32_t *ret) {
        const RootFacts *root = &build->facts->root;
        uint32_t id = *next;

        if (find_name(&root->users, user->name))
                return plan_fail(build, -EEXIST, "--bind-user=%s: the tree has a user '%s'",
                                user->name, user->name);
        if (find_name(&root->groups, user->name))
                return plan_fail(build, -EEXIST, "--bind-user=%s: the tree has a group '%s'",
                                user->name, user->name);

        while (id <= ID_LAST && (has_id(&root->users, id) || has_id(&root->groups, id)))
                id++;
        if (id > ID_LAST)
                return plan_fail(build, -EBUSY,
                                "--bind-user=%s: no id from %d to %d is free inside", user->name,
                                ID_FIRST, ID_LAST);

        *next = id + 1;
        *ret = id;
        return 0;
}

static int bind_home(const PlanBuild *build, const HostUser *user, uint32_t host_id) {
        Arena *arena = &build->plan->arena;
        IdRange *lines = arena_allocate(arena, 2 * sizeof *lines);
        IdMap *map = arena_allocate(arena, sizeof *map);
        MountStep step = {
                .kind = MOUNT_BIND_SOURCE,
                .made_by = MADE_BY_MANAGER_LATE,
                .source = arena_copy(arena, user->home),
                .target = arena_printf(arena, HOMES "/%s", user->name),
                .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
                .flags = MOUNT_IS_RECURSIVE,
                .map = map,
        };

        const SourceFacts *home = plan_find_source(build, user->home, &step.source_index);

        if (home->error < 0 || !S_ISDIR(home->mode))
                return plan_fail(build, home->error < 0 ? home->error : -ENOTDIR,
                                "--bind-user=%s: '%s' is no folder that could be bound", user->name,
                                user->home);

        lines[0] = (IdRange){ .inside = user->uid, .outside = host_id, .count = 1 };
        lines[1] = (IdRange){ .inside = user->gid, .outside = host_id, .count = 1 };
        *map = (IdMap){ &lines[0], 1, &lines[1], 1 };
        plan_add_mount(build->plan, &step);
        return 0;
}

/* One record under its name, and by number as a link to that. */
static void add_record(Plan *plan,
                const BoundUser *user,
                const char *suffix,
                const char *text,
                bool is_secret) {
        Arena *arena = &plan->arena;
        const char *name = arena_printf(arena, "%s.%s", user->name, suffix);
        FileStep record = {
                .kind = is_secret ? FILE_DATA : FILE_TEXT,
                .path = arena_printf(arena, RECORDS "/%s", name),
                .content = arena_copy(arena, text),
                .size = strlen(text),
                .mode = is_secret ? 0400 : 0444,
        };

        plan_add_file(plan, &record);
        plan_add_file(plan, &(FileStep){
                                            .kind = FILE_LINK,
                                            .path = arena_printf(arena, RECORDS "/%u.%s", user->id,
                                                            suffix),
                                            .content = name,
                            });
}

static void add_user_record(Plan *plan, const BoundUser *user, const HostUser *host_user) {
        Writer writer;

        writer_init(&writer, WRITER_JSON);
        writer_begin_object(&writer, NULL, WRITER_LINE);
        writer_string(&writer, "userName", user->name);
        if (host_user->real_name)
                writer_string(&writer, "realName", host_user->real_name);
        writer_string(&writer, "disposition", "container");
        writer_unsigned(&writer, "uid", user->id);
        writer_unsigned(&writer, "gid", user->id);
        writer_string(&writer, "homeDirectory", user->home);
        if (user->shell)
                writer_string(&writer, "shell", user->shell);
        if (user->groups.n_items > 0)
                writer_strings(&writer, "memberOf", WRITER_LINE, user->groups.items,
                                user->groups.n_items);
        writer_string(&writer, "service", plan->service);
        writer_end(&writer);
        add_record(plan, user, "user", writer_finish(&writer), /* is_secret= */ false);
        writer_done(&writer);
}

static void add_privileged_record(Plan *plan, const BoundUser *user, const HostUser *host_user) {
        Writer writer;

        if (!host_user->password_hash && host_user->ssh_keys.n_items == 0)
                return;

        writer_init(&writer, WRITER_JSON);
        writer_begin_object(&writer, NULL, WRITER_LINE);
        writer_begin_object(&writer, "privileged", WRITER_LINE);
        if (host_user->password_hash)
                writer_strings(&writer, "hashedPassword", WRITER_LINE, &host_user->password_hash,
                                1);
        if (host_user->ssh_keys.n_items > 0)
                writer_strings(&writer, "sshAuthorizedKeys", WRITER_LINE, host_user->ssh_keys.items,
                                host_user->ssh_keys.n_items);
        writer_end(&writer);
        writer_end(&writer);
        add_record(plan, user, "user-privileged", writer_finish(&writer), /* is_secret= */ true);
        writer_done(&writer);
}

static void add_group_record(Plan *plan, const BoundUser *user) {
        Writer writer;

        writer_init(&writer, WRITER_JSON);
        writer_begin_object(&writer, NULL, WRITER_LINE);
        writer_string(&writer, "groupName", user->name);
        writer_unsigned(&writer, "gid", user->id);
        writer_string(&writer, "disposition", "container");
        writer_string(&writer, "service", plan->service);
        writer_end(&writer);
        add_record(plan, user, "group", writer_finish(&writer), /* is_secret= */ false);
        writer_done(&writer);

        /* One that is empty would mean that there is none. */
        for (size_t i = 0; i < user->groups.n_items; i++)
                plan_add_file(plan,
                                &(FileStep){
                                                .kind = FILE_TEXT,
                                                .path = arena_printf(&plan->arena,
                                                                RECORDS "/%s:%s.membership",
                                                                user->name, user->groups.items[i]),
                                                .content = "{}\n",
                                                .mode = 0444,
                                });
}

static const char *choose_shell(const PlanBuild *build, const HostUser *user) {
        const BindUserShell *shell = &build->config->integration.bind_user_shell;

        return arena_copy(&build->plan->arena, shell->is_hosts ? user->shell : shell->path);
}

/* By name, and as numbers for a command that is to run as the user. */
static void add_groups(const PlanBuild *build, BoundUser *user) {
        const StringList *groups = &build->config->integration.bind_user_groups;
        Arena *arena = &build->plan->arena;

        user->group_ids = arena_allocate(arena, (groups->n_items + 1) * sizeof *user->group_ids);
        for (size_t i = 0; i < groups->n_items; i++) {
                const Account *group = find_name(&build->facts->root.groups, groups->items[i]);

                string_list_add(arena, &user->groups, groups->items[i]);
                if (group)
                        user->group_ids[user->n_group_ids++] = group->id;
        }
}

static int check_groups(const PlanBuild *build) {
        const StringList *groups = &build->config->integration.bind_user_groups;

        for (size_t i = 0; i < groups->n_items; i++)
                if (!find_name(&build->facts->root.groups, groups->items[i]))
                        return plan_fail(build, -ENOENT,
                                        "--bind-user-group=%s: the tree has no such group",
                                        groups->items[i]);

        return 0;
}

static int add_user(const PlanBuild *build, const HostUser *host_user, uint32_t *next_id) {
        const IdPlan *ids = &build->plan->ids;
        Plan *plan = build->plan;
        BoundUser *user = &plan->users[plan->n_users];
        uint32_t host_id;
        int r;

        r = choose_id(build, host_user, next_id, &user->id);
        if (r < 0)
                return r;

        host_id = user->id;
        if (ids->has_namespace &&
                        !id_ranges_to_outside(ids->ranges, ids->n_ranges, user->id, &host_id))
                return plan_fail(build, -ERANGE, "--bind-user=%s: the payload has no id %u",
                                host_user->name, user->id);

        r = bind_home(build, host_user, host_id);
        if (r < 0)
                return r;

        user->name = arena_copy(&plan->arena, host_user->name);
        user->home = arena_printf(&plan->arena, HOMES "/%s", user->name);
        user->shell = choose_shell(build, host_user);
        add_groups(build, user);
        plan->n_users++;

        add_user_record(plan, user, host_user);
        add_privileged_record(plan, user, host_user);
        add_group_record(plan, user);
        return 0;
}

int plan_build_users(const PlanBuild *build) {
        const HostUserList *host_users = &build->facts->host_users;
        uint32_t next_id = ID_FIRST;
        int r;

        if (host_users->n_items == 0)
                return 0;

        r = check_groups(build);
        build->plan->users = arena_allocate(
                        &build->plan->arena, host_users->n_items * sizeof *build->plan->users);
        for (size_t i = 0; i < host_users->n_items && r >= 0; i++)
                r = add_user(build, &host_users->items[i], &next_id);

        return r;
}
