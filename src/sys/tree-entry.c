/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kernel takes set-user-id bits and file capabilities away when an owner changes; they are put
 * back right behind it, with signals held off. Access control lists come first: where they name the
 * owner's group bits, the mode that is put back agrees with them.
 *
 * Nothing is opened for reading or writing: an O_PATH descriptor is named by its link in procfs
 * where a call wants a path, which neither wakes a device nor waits for a fifo.
 */

#include "sys/tree-entry.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/macro.h"

/* Extended attributes and their names in a list are at most this long in the kernel. */
enum { XATTR_MAX = 65536 };

/* As in linux/posix_acl_xattr.h, all little-endian. */
typedef struct {
        uint32_t version;
} AclHeader;

typedef struct {
        uint16_t tag;
        uint16_t permissions;
        uint32_t id;
} AclEntry;

enum { ACL_VERSION = 2, ACL_TAG_USER = 0x02, ACL_TAG_GROUP = 0x08 };

typedef struct {
        char path[sizeof "/proc/self/fd/" + DECIMAL_MAX];
        const struct stat *st;
        uint32_t base;
        bool has_capabilities;
        struct vfs_ns_cap_data capabilities; /* version 3 */
} Entry;

static uint32_t shift_id(uint32_t id, uint32_t base) {
        return base | (id & (TREE_RANGE_SIZE - 1));
}

static bool is_shifted(uint32_t id, uint32_t base) {
        return shift_id(id, base) == id;
}

/* Reads attribute NAME. Returns its size; 0 if there is none, or no such thing here at all. */
static ssize_t read_attribute(const Entry *entry, const char *name, void *buffer, size_t size) {
        ssize_t n = getxattr(entry->path, name, buffer, size);

        if (n < 0)
                return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;

        return n;
}

static int shift_acl(const Entry *entry, const char *name) {
        _Alignas(AclEntry) unsigned char buffer[XATTR_MAX];
        const AclHeader *header = (const AclHeader *)buffer;
        AclEntry *entries = (AclEntry *)(buffer + sizeof *header);
        bool changed = false;
        ssize_t n;

        n = read_attribute(entry, name, buffer, sizeof buffer);
        if (n <= 0)
                return (int)n;
        if ((size_t)n < sizeof *header || ((size_t)n - sizeof *header) % sizeof *entries != 0 ||
                        le32toh(header->version) != ACL_VERSION)
                return -EINVAL; /* The kernel checks what it stores: this one is newer than we. */

        for (size_t i = 0; i < ((size_t)n - sizeof *header) / sizeof *entries; i++) {
                uint16_t tag = le16toh(entries[i].tag);
                uint32_t id = le32toh(entries[i].id);

                if ((tag == ACL_TAG_USER || tag == ACL_TAG_GROUP) && !is_shifted(id, entry->base)) {
                        entries[i].id = htole32(shift_id(id, entry->base));
                        changed = true;
                }
        }

        if (changed && setxattr(entry->path, name, buffer, (size_t)n, XATTR_REPLACE) < 0)
                return -errno;

        return 0;
}

/* File capabilities of version 2 are those of the host's root, also inside a user namespace; of
 * version 3 they count only below the namespace whose root is the id in them. So both become
 * version 3 with the new root: effective inside, worth nothing on the host. */
static int read_capabilities(Entry *entry) {
        struct vfs_ns_cap_data *data = &entry->capabilities;
        uint32_t version;
        ssize_t n;

        n = read_attribute(entry, XATTR_NAME_CAPS, data, sizeof *data);
        if (n <= 0)
                return n == -EOVERFLOW ? 0 : (int)n; /* of a namespace that is not ours to see */

        version = le32toh(data->magic_etc) & VFS_CAP_REVISION_MASK;
        if (n == XATTR_CAPS_SZ_2 && version == VFS_CAP_REVISION_2)
                data->rootid = 0;
        else if (n != XATTR_CAPS_SZ_3 || version != VFS_CAP_REVISION_3)
                return 0; /* version 1: the kernel does not heed it any more */

        data->magic_etc = htole32(VFS_CAP_REVISION_3 |
                                  (le32toh(data->magic_etc) & ~(uint32_t)VFS_CAP_REVISION_MASK));
        entry->has_capabilities = true;
        return 0;
}

static int write_capabilities(Entry *entry) {
        uint32_t root_id = le32toh(entry->capabilities.rootid);

        entry->capabilities.rootid = htole32(shift_id(root_id, entry->base));
        return setxattr(entry->path, XATTR_NAME_CAPS, &entry->capabilities, XATTR_CAPS_SZ_3, 0) < 0
                               ? -errno
                               : 0;
}

static bool wants_capabilities(const Entry *entry) {
        return entry->has_capabilities &&
               !is_shifted(le32toh(entry->capabilities.rootid), entry->base);
}

/* Whether attribute NAME is among the N bytes of names at LIST. */
static bool is_listed(const char *list, size_t n, const char *name) {
        for (size_t i = 0; i < n; i += strlen(list + i) + 1)
                if (strcmp(list + i, name) == 0)
                        return true;

        return false;
}

/* Most files have no attributes: one call tells. */
static int shift_attributes(Entry *entry) {
        char list[XATTR_MAX];
        ssize_t n = listxattr(entry->path, list, sizeof list);
        int r = 0;

        if (n < 0)
                return errno == EOPNOTSUPP ? 0 : -errno;

        if (is_listed(list, (size_t)n, XATTR_NAME_POSIX_ACL_ACCESS))
                r = shift_acl(entry, XATTR_NAME_POSIX_ACL_ACCESS);
        if (r >= 0 && is_listed(list, (size_t)n, XATTR_NAME_POSIX_ACL_DEFAULT))
                r = shift_acl(entry, XATTR_NAME_POSIX_ACL_DEFAULT);
        if (r >= 0 && is_listed(list, (size_t)n, XATTR_NAME_CAPS))
                r = read_capabilities(entry);
        return r;
}

/* Changes the owner, and puts back what that takes away. */
static int shift_owner(int fd, Entry *entry) {
        const struct stat *st = entry->st;
        uid_t uid = shift_id(st->st_uid, entry->base);
        gid_t gid = shift_id(st->st_gid, entry->base);
        bool wants_owner = uid != st->st_uid || gid != st->st_gid;

        if (wants_owner && fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
                return -errno;
        if (wants_owner && !S_ISLNK(st->st_mode) && !S_ISDIR(st->st_mode) &&
                        st->st_mode & (S_ISUID | S_ISGID) &&
                        chmod(entry->path, st->st_mode & 07777) < 0)
                return -errno;
        if (entry->has_capabilities && (wants_owner || wants_capabilities(entry)))
                return write_capabilities(entry);

        return 0;
}

int tree_entry_shift(int fd, const struct stat *st, uint32_t base) {
        Entry entry = { .st = st, .base = base };
        sigset_t all, before;
        bool is_two_steps;
        int r = 0;

        (void)snprintf(entry.path, sizeof entry.path, "/proc/self/fd/%d", fd); /* Always fits. */
        if (!S_ISLNK(st->st_mode))
                r = shift_attributes(&entry);
        if (r < 0)
                return r;

        is_two_steps = entry.has_capabilities || st->st_mode & (S_ISUID | S_ISGID);
        if (!is_two_steps)
                return shift_owner(fd, &entry);

        sigfillset(&all);
        (void)sigprocmask(SIG_BLOCK, &all, &before); /* Cannot fail with these arguments. */
        r = shift_owner(fd, &entry);
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        return r;
}
