/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/gather-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "sys/rootpath.h"

#define JOURNALS "/var/log/journal"

/* Real ones have a few kilobytes. */
enum { HOST_FILE_SIZE = 65536, DATABASE_SIZE_MAX = 8 * 1024 * 1024 };

static const char *const resolv_conf_paths[RESOLV_SOURCE_MAX] = {
        [RESOLV_SOURCE_HOST] = "/etc/resolv.conf",
        [RESOLV_SOURCE_STATIC] = "/usr/lib/systemd/resolv.conf",
        [RESOLV_SOURCE_UPLINK] = "/run/systemd/resolve/resolv.conf",
        [RESOLV_SOURCE_STUB] = "/run/systemd/resolve/stub-resolv.conf",
};

static void read_host_file(Arena *arena, const char *path, HostFile *ret_file) {
        CLEANUP_FREE char *buffer = malloc(HOST_FILE_SIZE);
        ssize_t n = buffer ? io_read_file(AT_FDCWD, path, buffer, HOST_FILE_SIZE) : -ENOMEM;

        if (n < 0)
                return;

        *ret_file = (HostFile){
                .name = path,
                .data = arena_copy_n(arena, buffer, (size_t)n),
                .size = (size_t)n,
        };
}

/* What PATH in the tree is; the target of a link goes to LINK. */
static EntryKind look(int tree_fd, const char *path, char *link, size_t link_size) {
        CLEANUP_CLOSE int fd = rootpath_open(tree_fd, path, O_PATH | O_NOFOLLOW, 0);
        struct stat st;
        ssize_t n;

        if (fd < 0)
                return fd == -ENOENT ? ENTRY_MISSING : ENTRY_OTHER;
        if (fstat(fd, &st) < 0)
                return ENTRY_OTHER;
        if (S_ISREG(st.st_mode))
                return ENTRY_FILE;
        if (!S_ISLNK(st.st_mode))
                return ENTRY_OTHER;

        n = link ? readlinkat(fd, "", link, link_size - 1) : 0;
        if (link)
                link[n > 0 ? n : 0] = '\0';
        return ENTRY_LINK;
}

/* Its files stay when it ends, and a socket that nobody listens on refuses. */
static bool is_resolved_running(void) {
        const struct sockaddr_un address = {
                .sun_family = AF_UNIX,
                .sun_path = "/run/systemd/resolve/io.systemd.Resolve",
        };
        CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) >= 0;
}

static bool is_source_wanted(ResolvConfMode mode, unsigned source) {
        if (mode == RESOLV_CONF_AUTO)
                return source == RESOLV_SOURCE_HOST || source == RESOLV_SOURCE_STUB;

        return (mode - RESOLV_CONF_COPY) % RESOLV_SOURCE_MAX == source;
}

static void gather_resolv_conf(const Config *config, int tree_fd, Facts *facts) {
        ResolvConfMode mode = config->integration.resolv_conf;

        if (mode == RESOLV_CONF_OFF || mode == RESOLV_CONF_DELETE)
                return;
        if (mode == RESOLV_CONF_AUTO && config_has_private_network(config))
                return;

        for (unsigned source = 0; source < RESOLV_SOURCE_MAX; source++)
                if (is_source_wanted(mode, source))
                        read_host_file(&facts->arena, resolv_conf_paths[source],
                                        &facts->resolv_confs[source]);
        facts->has_resolved_stub = mode == RESOLV_CONF_AUTO &&
                                   facts->resolv_confs[RESOLV_SOURCE_STUB].name &&
                                   is_resolved_running();
        facts->root.resolv_conf = look(tree_fd, "/etc/resolv.conf", NULL, 0);
}

/* The zone that a link of /etc/localtime means, or NULL. */
static const char *zone_of_link(Arena *arena, const char *link) {
        const char *zone = text_after(link, "..");

        zone = text_after(zone ?: link, "/usr/share/zoneinfo/");
        if (text_is_empty(zone) || zone[0] == '/' || !path_is_normalized(zone))
                return NULL;

        return arena_copy(arena, zone);
}

static bool has_zone(int tree_fd, Arena *arena, const char *zone) {
        CLEANUP_CLOSE int fd = rootpath_open_file(
                        tree_fd, arena_printf(arena, "/usr/share/zoneinfo/%s", zone));

        return fd >= 0;
}

static void gather_timezone(const Config *config, int tree_fd, Facts *facts) {
        static const char path[] = "/etc/localtime";
        TimezoneMode mode = config->integration.timezone;
        char link[PATH_MAX];
        ssize_t n;

        if (mode == TIMEZONE_OFF || mode == TIMEZONE_DELETE)
                return;

        n = readlink(path, link, sizeof link - 1);
        if (n > 0) {
                link[n] = '\0';
                facts->timezone = zone_of_link(&facts->arena, link);
        }
        if (access(path, R_OK) >= 0)
                facts->localtime.name = path;

        facts->root.localtime = look(tree_fd, path, link, sizeof link);
        if (facts->root.localtime == ENTRY_LINK)
                facts->root.timezone = zone_of_link(&facts->arena, link);

        /* Mostly so, and then nothing will be done. */
        if (mode == TIMEZONE_AUTO && facts_have_one_timezone(facts))
                return;

        facts->root.has_host_timezone =
                        facts->timezone && has_zone(tree_fd, &facts->arena, facts->timezone);
        facts->localtime = (HostFile){ 0 };
        read_host_file(&facts->arena, path, &facts->localtime);
}

/* The group whose members may read journals. */
static uint32_t find_journal_group(int tree_fd) {
        CLEANUP_CLOSE int fd = rootpath_open_file(tree_fd, "/etc/group");
        CLEANUP_FILE FILE *file = NULL;
        struct group *entry;
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > DATABASE_SIZE_MAX)
                return 0;
        file = fdopen(fd, "re");
        if (!file)
                return 0;
        (void)TAKE_FD(fd);

        while ((entry = fgetgrent(file)))
                if (text_equal(entry->gr_name, "systemd-journal"))
                        return entry->gr_gid;

        return 0;
}

/* The machine id that the payload will have, if that is known already. */
static const char *find_machine_id(const Config *config, Facts *facts) {
        char id[33];

        if (facts->root.machine_id || !config->uuid.is_set)
                return facts->root.machine_id;

        uuid_to_hex(config->uuid.bytes, id);
        return arena_copy(&facts->arena, id);
}

static void gather_journal(const Config *config, int tree_fd, Facts *facts, Sources *sources) {
        LinkJournal mode = config->integration.link_journal;
        JournalFacts *journal = &facts->journal;
        const char *id = find_machine_id(config, facts);
        const char *path = id ? arena_printf(&facts->arena, JOURNALS "/%s", id) : NULL;
        const char *const folders[] = { "/var", "/var/log", JOURNALS, path };
        char host_id[64];

        if (mode == LINK_JOURNAL_NO || config->ephemeral != EPHEMERAL_NO)
                return;

        if (mode == LINK_JOURNAL_AUTO) {
                if (!path || access(path, F_OK) < 0)
                        return;
                journal->has_folder = true;
                sources_add(facts, sources, path);
        } else
                sources_add(facts, sources, JOURNALS);

        if (io_read_file(AT_FDCWD, "/etc/machine-id", host_id, sizeof host_id) >= 32)
                journal->host_machine_id = arena_copy_n(&facts->arena, host_id, 32);
        journal->group = find_journal_group(tree_fd);
        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if (folders[i] && look(tree_fd, folders[i], NULL, 0) == ENTRY_LINK)
                        journal->is_behind_link = true;
}

void gather_tree(const Config *config, int tree_fd, Facts *facts, Sources *sources) {
        gather_resolv_conf(config, tree_fd, facts);
        gather_timezone(config, tree_fd, facts);
        gather_journal(config, tree_fd, facts, sources);
}
