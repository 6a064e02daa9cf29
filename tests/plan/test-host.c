/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-host.h"

#include <string.h>
#include <sys/stat.h>

#include "base/capability.h"
#include "base/path.h"
#include "base/text.h"

static const SourceFacts *find_source(const Facts *facts, const char *path) {
        for (size_t i = 0; i < facts->sources.n_items; i++)
                if (text_equal(facts->sources.items[i].path, path))
                        return &facts->sources.items[i];

        return NULL;
}

static void complete_source(Facts *facts, const char *path) {
        SourceFacts source = test_host_folder(&facts->arena, path);

        if (!find_source(facts, path))
                test_host_add_source(&facts->arena, &facts->sources, &source);
}

/* All that container/sources would have opened. */
static void complete_sources(const Config *config, Facts *facts) {
        complete_source(facts, "/var/tmp");
        for (size_t i = 0; i < config->mounts.n_items; i++) {
                const MountSpec *spec = &config->mounts.items[i];

                for (size_t j = 0; j < spec->n_sources; j++) {
                        const char *path = spec->sources[j].path;

                        if (!path || spec->sources[j].is_inside)
                                continue;
                        complete_source(facts, path);
                        path = path_parent(&facts->arena, find_source(facts, path)->real_path);
                        complete_source(facts, path);
                }
        }
}

/* All that container/gather would have read. */
static void complete_credentials(const Config *config, Facts *facts) {
        const CredentialList *wanted = &config->integration.credentials;
        HostFileList *files = &facts->credentials;

        for (size_t i = 0; i < wanted->n_items; i++) {
                bool is_there = !wanted->items[i].source;

                for (size_t j = 0; j < files->n_items; j++)
                        is_there |= text_equal(files->items[j].name, wanted->items[i].id);
                if (is_there)
                        continue;
                files->items = arena_grow(&facts->arena, files->items, files->n_items,
                                &files->n_allocated, sizeof(HostFile));
                files->items[files->n_items++] =
                                (HostFile){ .name = wanted->items[i].id, .data = "x", .size = 1 };
        }
}

static bool has_host_user(const HostUserList *list, const char *name) {
        for (size_t i = 0; i < list->n_items; i++)
                if (text_equal(list->items[i].name, name))
                        return true;

        return false;
}

static void complete_integration(const Config *config, Facts *facts) {
        const StringList *names = &config->integration.bind_users;
        HostUserList *list = &facts->host_users;

        if (config->integration.link_journal > LINK_JOURNAL_NO)
                complete_source(facts, "/var/log/journal");
        if (config->integration.forward_journal.path)
                complete_source(facts, forward_journal_folder(&config->integration.forward_journal,
                                                       &facts->arena));
        for (size_t i = 0; i < names->n_items; i++) {
                HostUser user = { .name = names->items[i], .uid = 1000, .gid = 1000 };

                if (has_host_user(list, user.name))
                        continue;
                user.home = path_join(&facts->arena, "/home", user.name);
                complete_source(facts, user.home);
                list->items = arena_grow(&facts->arena, list->items, list->n_items,
                                &list->n_allocated, sizeof user);
                list->items[list->n_items++] = user;
        }
}

void test_host_facts(Facts *facts) {
        Arena *arena = &facts->arena;

        facts->is_root = true;
        facts->limit_nproc = facts->limit_sigpending = (Limit){ .soft = 31000, .hard = 31000 };
        facts->capabilities = CAPABILITIES_ALL;
        facts->has_system_bus = true;
        facts->architecture = ARCHITECTURE_X86_64;
        facts->limit_nproc = facts->limit_sigpending = (Limit){ .soft = 31000, .hard = 31000 };
        facts->cgroup_host = CGROUP_HOST_SYSTEMD;
        facts->own_cgroup = "/user.slice/user-0.slice/session-1.scope";
        facts->is_cgroup_namespace_supported = true;
        facts->is_time_namespace_supported = true;
        facts->is_user_namespace_supported = true;
        facts->has_all_ids = true;
        facts->picked_base = 13435u << 16; /* 880476160 */
        facts->random_suffix = "0123456789abcdef";
        memset(facts->random_uuid, 0x11, sizeof facts->random_uuid);
        string_list_add(arena, &facts->os_release, "container_host_id=debian");
        string_list_add(arena, &facts->os_release, "container_host_version_id=12");
        facts->os_release_path = "/etc/os-release";
        facts->resolv_confs[RESOLV_SOURCE_HOST] = (HostFile){
                .name = "/etc/resolv.conf",
                .data = "nameserver 192.0.2.1\n",
                .size = 21,
        };
        facts->localtime = (HostFile){ .name = "/etc/localtime", .data = "TZif2", .size = 5 };
        facts->timezone = "Etc/UTC";
        facts->journal.receiver = "/usr/lib/systemd/systemd-journal-remote";
        facts->journal.receiver_version = 262;
        facts->root = (RootFacts){
                .path = "/var/lib/machines/deb",
                .name = "deb",
                .has_os_release = true,
                .has_usr = true,
                .architecture = ARCHITECTURE_X86_64,
                .beside = "/var/lib/machines",
                .can_write_beside = true,
                .upper = "/srv/changes",
                .can_write_upper = true,
                .resolv_conf = ENTRY_FILE,
                .localtime = ENTRY_LINK,
                .timezone = "Etc/UTC",
                .has_host_timezone = true,
        };
}

SourceFacts test_host_folder(Arena *arena, const char *path) {
        return (SourceFacts){
                .path = path,
                .real_path = path[0] == '/' ? path : path_join(arena, "/home/me", path),
                .mode = S_IFDIR | 0755,
        };
}

void test_host_add_source(Arena *arena, SourceList *list, const SourceFacts *source) {
        list->items = arena_grow(
                        arena, list->items, list->n_items, &list->n_allocated, sizeof *source);
        list->items[list->n_items++] = *source;
}

/* All that image/root would have opened, owned by the tree's owner. */
static void complete_layers(const Config *config, Facts *facts) {
        RootFacts *root = &facts->root;

        if (root->n_layers > 0 || config->layers.n_items == 0)
                return;

        root->n_layers = config->layers.n_items;
        root->layers = arena_allocate(&facts->arena, root->n_layers * sizeof *root->layers);
        for (size_t i = 0; i < root->n_layers; i++)
                root->layers[i] = (LayerFacts){
                        .path = config->layers.items[i],
                        .owner_uid = root->owner_uid,
                };
}

void test_host_complete(const Config *config, Facts *facts) {
        complete_layers(config, facts);
        complete_sources(config, facts);
        complete_credentials(config, facts);
        complete_integration(config, facts);
}
