/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/confinement-mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/mountinfo.h"
#include "base/path.h"
#include "base/text.h"
#include "sys/kernel.h"

/* More than this are not shown: a payload can make as many as it likes. */
enum { MOUNTS_MAX = 1024, NODES_MAX = 64 };

/* Of these a machine has its own, or the kernel has only one. */
static bool is_of_the_kernel(const char *type) {
        static const char *const types[] = {
                "autofs",
                "binfmt_misc",
                "bpf",
                "cgroup",
                "cgroup2",
                "configfs",
                "debugfs",
                "devpts",
                "efivarfs",
                "fusectl",
                "hugetlbfs",
                "mqueue",
                "nsfs",
                "proc",
                "pstore",
                "securityfs",
                "selinuxfs",
                "sysfs",
                "tracefs",
        };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (text_equal(type, types[i]))
                        return true;

        return false;
}

typedef struct {
        MountInfo *items;
        size_t n_items, n_allocated;
} MountList;

/* The mounts of the process whose folder in /proc is PROC_FD; strings in ARENA. */
static int list_mounts(Arena *arena, int proc_fd, MountList *ret_list) {
        CLEANUP_FILE FILE *file = NULL;
        CLEANUP_FREE char *line = NULL;
        MountList list = { 0 };
        size_t size = 0;
        int fd = openat(proc_fd, "mountinfo", O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        file = fdopen(fd, "r");
        if (!file) {
                fd_close(fd);
                return -ENOMEM;
        }

        while (list.n_items < MOUNTS_MAX && getline(&line, &size, file) > 0) {
                list.items = arena_grow(arena, list.items, list.n_items, &list.n_allocated,
                                sizeof *list.items);
                if (mountinfo_parse(arena_copy(arena, line), &list.items[list.n_items]))
                        list.n_items++;
        }

        *ret_list = list;
        return 0;
}

static bool has_device(const MountList *list, const char *device) {
        for (size_t i = 0; i < list->n_items; i++)
                if (text_equal(list->items[i].device, device))
                        return true;

        return false;
}

/* The mount of the machine's root: the first one on "/". */
static const MountInfo *find_root(const MountList *list) {
        for (size_t i = 0; i < list->n_items; i++)
                if (text_equal(list->items[i].target, "/"))
                        return &list->items[i];

        return NULL;
}

/* File systems in memory are the machine's own, unless the host has the same one. */
static bool is_from_outside(const MountInfo *mount, const MountInfo *root, const MountList *host) {
        bool is_in_memory = text_equal(mount->type, "tmpfs") || text_equal(mount->type, "ramfs");

        if (root && text_equal(mount->device, root->device) &&
                        path_is_below(mount->root, root->root))
                return false;

        return !is_in_memory || has_device(host, mount->device);
}

static void see_mount(Arena *arena, const MountInfo *mount, Confinement *confinement) {
        confinement_add_mount(arena, confinement,
                        &(ConfinementMount){
                                        .path = mount->target,
                                        .source = arena_printf(arena, "%s of %s (%s)", mount->root,
                                                        mount->source, mount->type),
                                        .is_writable = !mount->is_read_only,
                        });
}

static void see_kernel_mount(Arena *arena, const MountInfo *mount, Confinement *confinement) {
        if (text_equal(mount->target, "/proc/sys"))
                confinement->is_kernel_writable = !mount->is_read_only;
        if (mount->is_read_only && (path_is_below(mount->target, "/proc") ||
                                                   path_is_below(mount->target, "/sys")))
                string_list_add(arena, &confinement->read_only, mount->target);
}

int confinement_read_mounts(Arena *arena, int proc_fd, Confinement *confinement) {
        CLEANUP_CLOSE int own_fd = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const MountInfo *root;
        MountList list, host;
        int r;

        r = list_mounts(arena, proc_fd, &list);
        if (r >= 0)
                r = list_mounts(arena, own_fd, &host);
        if (r < 0)
                return r;

        root = find_root(&list);
        confinement->is_kernel_writable = true;
        confinement->is_root_read_only = root && root->is_read_only;
        for (size_t i = 0; i < list.n_items; i++) {
                const MountInfo *mount = &list.items[i];

                if (text_after(mount->root, "/inaccessible/"))
                        string_list_add(arena, &confinement->masked, mount->target);
                else if (is_of_the_kernel(mount->type))
                        see_kernel_mount(arena, mount, confinement);
                else if (is_from_outside(mount, root, &host))
                        see_mount(arena, mount, confinement);
        }

        return 0;
}

/* Whether FD is on a tmpfs, by the process's own list: statfs() would ask the file system. */
static bool is_on_tmpfs(Arena *arena, int proc_fd, int fd) {
        struct statx st;
        MountList list;

        if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st) < 0 ||
                        !(st.stx_mask & STATX_MNT_ID) || list_mounts(arena, proc_fd, &list) < 0)
                return false;

        for (size_t i = 0; i < list.n_items; i++)
                if (list.items[i].id == st.stx_mnt_id)
                        return text_equal(list.items[i].type, "tmpfs");

        return false;
}

/* What would have to be looked up by a file system is left alone (RESOLVE_CACHED, Linux 5.12). */
static DIR *open_devices(Arena *arena, int proc_fd) {
        struct open_how how = {
                .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED,
        };
        CLEANUP_CLOSE int root_fd = openat(proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
        CLEANUP_CLOSE int path_fd = root_fd < 0 ? -EBADF : kernel_openat2(root_fd, "/dev", &how);
        DIR *dir;
        int fd;

        if (path_fd < 0 || !is_on_tmpfs(arena, proc_fd, path_fd))
                return NULL;

        fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
                fd_close(fd);
        return dir;
}

static void
see_node(Arena *arena, const char *name, const struct statx *st, Confinement *confinement) {
        const DeviceRule device = {
                .type = st->stx_mode & S_IFMT,
                .major = st->stx_rdev_major,
                .minor = st->stx_rdev_minor,
        };

        if ((S_ISCHR(device.type) || S_ISBLK(device.type)) && !confinement_is_usual_device(&device))
                string_list_add(arena, &confinement->devices,
                                arena_printf(arena, "/dev/%s (%c%u:%u)", name,
                                                S_ISBLK(device.type) ? 'b' : 'c', device.major,
                                                device.minor));
}

void confinement_read_devices(Arena *arena, int proc_fd, Confinement *confinement) {
        CLEANUP_DIR DIR *dir = open_devices(arena, proc_fd);
        struct dirent *entry;
        struct statx st;

        while (dir && confinement->devices.n_items < NODES_MAX && (entry = readdir(dir)))
                if (statx(dirfd(dir), entry->d_name, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC,
                                    STATX_TYPE, &st) == 0)
                        see_node(arena, entry->d_name, &st, confinement);
}
