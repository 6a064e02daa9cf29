/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Changing owners needs root; without it every test is skipped. The tests' files lie in a folder
 * of their own below /tmp, with "tree" and "outside" in it.
 */

#include "unit-test.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/xattr.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/tree.h"

enum { BASE = 7 * 65536, OTHER_BASE = 9 * 65536 };

typedef struct {
        char top[32];
        int fd;      /* of the folder */
        int tree_fd; /* of "tree" in it */
} Folder;

static int remove_file(const char *path, const struct stat *st, int type, struct FTW *where) {
        (void)st;
        (void)type;
        (void)where;
        return remove(path);
}

static int folder_make(void **state) {
        Folder *folder = calloc(1, sizeof *folder);

        assert_non_null(folder);
        strcpy(folder->top, "/tmp/test-tree.XXXXXX");
        assert_non_null(mkdtemp(folder->top));
        folder->fd = open(folder->top, O_DIRECTORY | O_CLOEXEC);
        assert_true(folder->fd >= 0);
        assert_int_equal(mkdirat(folder->fd, "tree", 0755), 0);
        assert_int_equal(mkdirat(folder->fd, "outside", 0755), 0);
        folder->tree_fd = openat(folder->fd, "tree", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(folder->tree_fd >= 0);
        *state = folder;
        return 0;
}

static int folder_remove(void **state) {
        Folder *folder = *state;

        (void)close(folder->tree_fd);
        (void)close(folder->fd);
        assert_int_equal(nftw(folder->top, remove_file, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT), 0);
        free(folder);
        return 0;
}

static void need_root(void) {
        if (geteuid() != 0) {
                print_message("machine lacks: root\n");
                skip();
        }
}

static void make_file(const Folder *folder, const char *path, uid_t uid, gid_t gid, mode_t mode) {
        CLEANUP_CLOSE int fd =
                        openat(folder->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(fchown(fd, uid, gid), 0);
        assert_int_equal(fchmod(fd, mode), 0);
}

static struct stat look(const Folder *folder, const char *path) {
        struct stat st;

        assert_int_equal(fstatat(folder->fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
        return st;
}

static void assert_owner(const Folder *folder, const char *path, uid_t uid, gid_t gid) {
        struct stat st = look(folder, path);

        assert_int_equal(st.st_uid, uid);
        assert_int_equal(st.st_gid, gid);
}

static void owners_keep_their_lower_half(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "tree/plain", 0, 42, 0640);
        make_file(folder, "tree/shifted", OTHER_BASE + 1000, OTHER_BASE + 100, 0600);
        assert_int_equal(mkdirat(folder->fd, "tree/folder", 0700), 0);
        make_file(folder, "tree/folder/deep", 65534, 65534, 0644);

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);

        assert_owner(folder, "tree/plain", BASE, BASE + 42);
        assert_int_equal(look(folder, "tree/plain").st_mode & 07777, 0640);
        assert_owner(folder, "tree/shifted", BASE + 1000, BASE + 100);
        assert_owner(folder, "tree/folder/deep", BASE + 65534, BASE + 65534);
        assert_owner(folder, "tree/folder", BASE, BASE);
        assert_owner(folder, "tree", BASE, BASE);
        assert_owner(folder, "outside", 0, 0);
}

static void all_kinds_of_files_follow(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "outside/target", 0, 0, 0600);
        assert_int_equal(symlinkat("../outside/target", folder->fd, "tree/link"), 0);
        assert_int_equal(symlinkat("nowhere", folder->fd, "tree/dangling"), 0);
        assert_int_equal(symlinkat("../outside", folder->fd, "tree/folder-link"), 0);
        assert_int_equal(mkfifoat(folder->fd, "tree/fifo", 0600), 0);
        assert_int_equal(mknodat(folder->fd, "tree/socket", S_IFSOCK | 0600, 0), 0);
        assert_int_equal(mknodat(folder->fd, "tree/device", S_IFCHR | 0600, makedev(1, 3)), 0);

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);

        assert_owner(folder, "tree/link", BASE, BASE);
        assert_owner(folder, "tree/dangling", BASE, BASE);
        assert_owner(folder, "tree/folder-link", BASE, BASE);
        assert_owner(folder, "tree/fifo", BASE, BASE);
        assert_owner(folder, "tree/socket", BASE, BASE);
        assert_owner(folder, "tree/device", BASE, BASE);
        assert_owner(folder, "outside/target", 0, 0);
        assert_owner(folder, "outside", 0, 0);
}

static void what_is_in_the_range_is_not_touched(void **state) {
        const Folder *folder = *state;
        struct stat before, after;

        need_root();
        make_file(folder, "tree/file", BASE + 5, BASE + 6, 04755);
        before = look(folder, "tree/file");

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);
        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);

        after = look(folder, "tree/file");
        assert_owner(folder, "tree/file", BASE + 5, BASE + 6);
        assert_int_equal(before.st_ctim.tv_sec, after.st_ctim.tv_sec);
        assert_int_equal(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
        assert_int_equal(after.st_mode & 07777, 04755);
}

static void owners_can_be_moved_back_to_the_host_s(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "tree/file", BASE + 5, BASE, 0600);

        assert_int_equal(tree_shift_owners(folder->tree_fd, 0), 0);
        assert_owner(folder, "tree/file", 5, 0);
}

static void set_id_bits_stay(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "tree/suid", 0, 0, 04755);
        make_file(folder, "tree/sgid", 0, 42, 02755);
        make_file(folder, "tree/locking", 0, 42, 02644);
        assert_int_equal(mkdirat(folder->fd, "tree/folder", 0700), 0);
        assert_int_equal(fchmodat(folder->fd, "tree/folder", 03775, 0), 0);

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);

        assert_owner(folder, "tree/suid", BASE, BASE);
        assert_int_equal(look(folder, "tree/suid").st_mode & 07777, 04755);
        assert_int_equal(look(folder, "tree/sgid").st_mode & 07777, 02755);
        assert_int_equal(look(folder, "tree/locking").st_mode & 07777, 02644);
        assert_int_equal(look(folder, "tree/folder").st_mode & 07777, 03775);
}

/* Paths for the calls that take no directory. */
static const char *full_path(const Folder *folder, const char *path, char buffer[static 256]) {
        (void)snprintf(buffer, 256, "%s/%s", folder->top, path);
        return buffer;
}

static void set_capabilities(const Folder *folder, const char *path, uint32_t root_id) {
        struct vfs_ns_cap_data data = {
                .magic_etc = htole32((root_id ? VFS_CAP_REVISION_3 : VFS_CAP_REVISION_2) |
                                     VFS_CAP_FLAGS_EFFECTIVE),
                .data[0].permitted = htole32(1u << CAP_NET_RAW),
                .rootid = htole32(root_id),
        };
        char buffer[256];

        assert_int_equal(setxattr(full_path(folder, path, buffer), XATTR_NAME_CAPS, &data,
                                         root_id ? XATTR_CAPS_SZ_3 : XATTR_CAPS_SZ_2, 0),
                        0);
}

static void assert_capabilities(const Folder *folder, const char *path, uint32_t root_id) {
        struct vfs_ns_cap_data data = { 0 };
        char buffer[256];

        assert_int_equal(getxattr(full_path(folder, path, buffer), XATTR_NAME_CAPS, &data,
                                         sizeof data),
                        root_id ? XATTR_CAPS_SZ_3 : XATTR_CAPS_SZ_2);
        assert_int_equal(le32toh(data.data[0].permitted), 1u << CAP_NET_RAW);
        assert_true(le32toh(data.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE);
        if (root_id)
                assert_int_equal(le32toh(data.rootid), root_id);
}

static void file_capabilities_become_those_of_the_range_s_root(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "tree/of-the-host", 0, 0, 0755);
        set_capabilities(folder, "tree/of-the-host", 0);
        make_file(folder, "tree/of-another", OTHER_BASE, OTHER_BASE, 0755);
        set_capabilities(folder, "tree/of-another", OTHER_BASE);
        make_file(folder, "tree/owner-is-there", BASE, BASE, 0755);
        set_capabilities(folder, "tree/owner-is-there", 0);

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);
        assert_capabilities(folder, "tree/of-the-host", BASE);
        assert_capabilities(folder, "tree/of-another", BASE);
        assert_capabilities(folder, "tree/owner-is-there", BASE);

        assert_int_equal(tree_shift_owners(folder->tree_fd, 0), 0);
        assert_capabilities(folder, "tree/of-the-host", 0);
}

/* An access control list: owner, one user, group, one group, mask, others. */
typedef struct {
        uint32_t version;
        struct {
                uint16_t tag, permissions;
                uint32_t id;
        } entries[6];
} Acl;

static Acl make_acl(uint32_t user, uint32_t group) {
        static const uint16_t tags[] = { 0x01, 0x02, 0x04, 0x08, 0x10, 0x20 };
        Acl acl = { .version = htole32(2) };

        for (size_t i = 0; i < ELEMENTSOF(tags); i++) {
                acl.entries[i].tag = htole16(tags[i]);
                acl.entries[i].permissions = htole16(tags[i] == 0x20 ? 0 : 7);
                acl.entries[i].id = htole32(tags[i] == 0x02   ? user
                                            : tags[i] == 0x08 ? group
                                                              : UINT32_MAX);
        }
        return acl;
}

static void set_acl(const Folder *folder, const char *path, const char *name, const Acl *acl) {
        char buffer[256];

        assert_int_equal(setxattr(full_path(folder, path, buffer), name, acl, sizeof *acl, 0), 0);
}

static void assert_acl(const Folder *folder, const char *path, const char *name, const Acl *acl) {
        char buffer[256];
        Acl found;

        assert_int_equal(getxattr(full_path(folder, path, buffer), name, &found, sizeof found),
                        sizeof found);
        assert_memory_equal(&found, acl, sizeof found);
}

static void access_control_lists_follow(void **state) {
        const Folder *folder = *state;
        const Acl before = make_acl(1000, OTHER_BASE + 4), after = make_acl(BASE + 1000, BASE + 4);

        need_root();
        make_file(folder, "tree/file", 0, 0, 0600);
        set_acl(folder, "tree/file", XATTR_NAME_POSIX_ACL_ACCESS, &before);
        make_file(folder, "tree/suid", 0, 0, 0600);
        set_acl(folder, "tree/suid", XATTR_NAME_POSIX_ACL_ACCESS, &before);
        assert_int_equal(fchmodat(folder->fd, "tree/suid", 06770, 0), 0);
        assert_int_equal(mkdirat(folder->fd, "tree/folder", 0700), 0);
        set_acl(folder, "tree/folder", XATTR_NAME_POSIX_ACL_ACCESS, &before);
        set_acl(folder, "tree/folder", XATTR_NAME_POSIX_ACL_DEFAULT, &before);

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);

        assert_acl(folder, "tree/file", XATTR_NAME_POSIX_ACL_ACCESS, &after);
        assert_acl(folder, "tree/suid", XATTR_NAME_POSIX_ACL_ACCESS, &after);
        assert_int_equal(look(folder, "tree/suid").st_mode & 07777, 06770);
        assert_acl(folder, "tree/folder", XATTR_NAME_POSIX_ACL_ACCESS, &after);
        assert_acl(folder, "tree/folder", XATTR_NAME_POSIX_ACL_DEFAULT, &after);
}

static void file_with_all_its_links_in_the_tree_follows(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "tree/one", 0, 0, 04755);
        assert_int_equal(mkdirat(folder->fd, "tree/folder", 0700), 0);
        assert_int_equal(linkat(folder->fd, "tree/one", folder->fd, "tree/two", 0), 0);
        assert_int_equal(linkat(folder->fd, "tree/one", folder->fd, "tree/folder/three", 0), 0);

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);
        assert_owner(folder, "tree/one", BASE, BASE);
        assert_int_equal(look(folder, "tree/one").st_mode & 07777, 04755);
}

static void file_with_a_link_outside_is_left_alone(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "outside/secret", 0, 42, 04750);
        assert_int_equal(linkat(folder->fd, "outside/secret", folder->fd, "tree/one", 0), 0);
        assert_int_equal(linkat(folder->fd, "outside/secret", folder->fd, "tree/two", 0), 0);
        make_file(folder, "tree/other", 0, 0, 0600);

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 1);

        assert_owner(folder, "outside/secret", 0, 42);
        assert_int_equal(look(folder, "outside/secret").st_mode & 07777, 04750);
        assert_owner(folder, "tree/other", BASE, BASE);
        assert_owner(folder, "tree", BASE, BASE);
}

static void many_linked_files_are_told_apart(void **state) {
        enum { N_FILES = 500 };
        const Folder *folder = *state;
        char name[64], link[64];

        need_root();
        for (int i = 0; i < N_FILES; i++) {
                (void)snprintf(name, sizeof name, "tree/file-%d", i);
                (void)snprintf(link, sizeof link, "%s/link-%d", i % 10 == 0 ? "outside" : "tree",
                                i);
                make_file(folder, name, 0, 0, 0600);
                assert_int_equal(linkat(folder->fd, name, folder->fd, link, 0), 0);
        }

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), N_FILES / 10);

        for (int i = 0; i < N_FILES; i++) {
                (void)snprintf(name, sizeof name, "tree/file-%d", i);
                assert_owner(folder, name, i % 10 == 0 ? 0 : BASE, i % 10 == 0 ? 0 : BASE);
        }
}

/* In a child, since a mount namespace is for a whole process. Whether all was as claimed. */
static bool mount_is_not_entered(const Folder *folder) {
        char source[256], target[256], tree[256];
        struct stat inside;
        int fd;

        (void)full_path(folder, "outside", source);
        (void)full_path(folder, "tree/mount", target);
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                        mount(source, target, NULL, MS_BIND, NULL) < 0)
                return false;

        /* Descriptors from before show the tree without the mount. */
        fd = open(full_path(folder, "tree", tree), O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd >= 0 && faccessat(fd, "mount/file", F_OK, 0) == 0 &&
               tree_shift_owners(fd, BASE) == 0 &&
               fstatat(folder->fd, "outside/file", &inside, 0) == 0 && inside.st_uid == 0 &&
               fstatat(folder->fd, "outside", &inside, 0) == 0 && inside.st_uid == 0 &&
               fstatat(folder->fd, "tree", &inside, 0) == 0 && inside.st_uid == BASE;
}

static void mounts_below_the_tree_are_not_entered(void **state) {
        const Folder *folder = *state;
        int status;
        pid_t pid;

        need_root();
        make_file(folder, "outside/file", 0, 0, 0600);
        assert_int_equal(mkdirat(folder->fd, "tree/mount", 0755), 0);

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(mount_is_not_entered(folder) ? 0 : 1);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

static int set_flags(const Folder *folder, const char *path, int flags) {
        CLEANUP_CLOSE int fd = openat(folder->fd, path, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 ? -errno : 0;
}

static void failed_run_leaves_the_top_and_can_be_repeated(void **state) {
        const Folder *folder = *state;

        need_root();
        make_file(folder, "tree/immutable", 0, 0, 0600);
        make_file(folder, "tree/other", 0, 0, 0600);
        if (set_flags(folder, "tree/immutable", FS_IMMUTABLE_FL) < 0) {
                print_message("machine lacks: immutable files below /tmp\n");
                skip();
        }

        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), -EPERM);
        assert_owner(folder, "tree/immutable", 0, 0);
        assert_owner(folder, "tree", 0, 0);

        assert_int_equal(set_flags(folder, "tree/immutable", 0), 0);
        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);
        assert_owner(folder, "tree/immutable", BASE, BASE);
        assert_owner(folder, "tree/other", BASE, BASE);
        assert_owner(folder, "tree", BASE, BASE);
}

static void deep_trees_cost_no_descriptors(void **state) {
        enum { DEPTH = 3000 };
        const Folder *folder = *state;
        struct rlimit before, few;
        struct stat st;
        int fd = dup(folder->tree_fd), child_fd;

        need_root();
        for (int i = 0; i < DEPTH; i++) {
                assert_int_equal(mkdirat(fd, "d", 0755), 0);
                child_fd = openat(fd, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
                assert_true(child_fd >= 0);
                (void)close(fd);
                fd = child_fd;
        }

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        few = (struct rlimit){ .rlim_cur = 32, .rlim_max = before.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        assert_int_equal(tree_shift_owners(folder->tree_fd, BASE), 0);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);

        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_uid, BASE);

        /* nftw() is not made for this: take the tree down from its end. */
        for (int i = 0; i < DEPTH; i++) {
                child_fd = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
                assert_true(child_fd >= 0);
                (void)close(fd);
                fd = child_fd;
                assert_int_equal(unlinkat(fd, "d", AT_REMOVEDIR), 0);
        }
        (void)close(fd);
}

static void range_has_to_start_at_a_multiple_of_its_size(void **state) {
        const Folder *folder = *state;

        assert_int_equal(tree_shift_owners(folder->tree_fd, 100000), -EINVAL);
        assert_int_equal(tree_shift_owners(folder->tree_fd, 0xffff0000), -EINVAL);
        assert_owner(folder, "tree", geteuid(), getegid());
}

#define TREE_TEST(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void) {
        const struct CMUnitTest tests[] = {
                TREE_TEST(owners_keep_their_lower_half),
                TREE_TEST(all_kinds_of_files_follow),
                TREE_TEST(what_is_in_the_range_is_not_touched),
                TREE_TEST(owners_can_be_moved_back_to_the_host_s),
                TREE_TEST(set_id_bits_stay),
                TREE_TEST(file_capabilities_become_those_of_the_range_s_root),
                TREE_TEST(access_control_lists_follow),
                TREE_TEST(file_with_all_its_links_in_the_tree_follows),
                TREE_TEST(file_with_a_link_outside_is_left_alone),
                TREE_TEST(many_linked_files_are_told_apart),
                TREE_TEST(mounts_below_the_tree_are_not_entered),
                TREE_TEST(failed_run_leaves_the_top_and_can_be_repeated),
                TREE_TEST(deep_trees_cost_no_descriptors),
                TREE_TEST(range_has_to_start_at_a_multiple_of_its_size),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
