/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Overlays need root; without it every test is skipped. The tests run in a mount namespace of their
 * own, in a new tmpfs with folders for the layers.
 */

#include "unit-test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/credentials.h"
#include "sys/idmap.h"
#include "sys/overlay.h"

enum { BASE = 7 * 65536, LAYERS_MAX = 32 };

typedef struct {
        int userns_fd; /* -EBADF: layers as they are */
        int scratch_fd;
        int lower_fds[LAYERS_MAX];
        size_t n_lowers;
        int top_fd; /* the layer with "upper" and "work" */
        int upper_fd;
        int work_fd;
} Layers;

static bool is_root(void) {
        return credentials_have_capability(/* CAP_SYS_ADMIN= */ 21) && geteuid() == 0;
}

static int open_folder(const char *path) {
        return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int layers_make(void **state) {
        Layers *layers = calloc(1, sizeof *layers);

        *state = layers;
        if (!is_root())
                return 0;

        *layers = (Layers){ .userns_fd = -EBADF, .scratch_fd = -EBADF, .top_fd = -EBADF };
        assert_int_equal(unshare(CLONE_NEWNS), 0);
        assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        assert_int_equal(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), 0);
        assert_int_equal(chdir("/tmp"), 0);
        assert_int_equal(mkdir("upper", 0755) | mkdir("work", 0755) | mkdir("scratch", 0755), 0);
        layers->scratch_fd = open_folder("scratch");
        return 0;
}

static int layers_free(void **state) {
        Layers *layers = *state;

        if (is_root()) {
                for (size_t i = 0; i < layers->n_lowers; i++)
                        (void)close(layers->lower_fds[i]);
                (void)fd_close(layers->userns_fd);
                (void)fd_close(layers->scratch_fd);
                if (layers->top_fd >= 0) {
                        (void)close(layers->upper_fd);
                        (void)close(layers->work_fd);
                        (void)close(layers->top_fd);
                }
                assert_int_equal(chdir("/"), 0);
                assert_int_equal(umount2("/tmp", MNT_DETACH), 0);
        }
        free(layers);
        return 0;
}

static void need_root(void) {
        if (!is_root()) {
                print_message("machine lacks: root\n");
                skip();
        }
}

static void map_layers(Layers *layers) {
        const IdRange range = { .inside = 0, .outside = BASE, .count = 65536 };
        const IdMap map = id_map_both(&range, 1);

        layers->userns_fd = idmap_open_namespace(&map);
        assert_true(layers->userns_fd >= 0);
}

/* A lower with the file "file", which holds NUMBER, and the file "lowerNUMBER". */
static void add_lower(Layers *layers, unsigned number) {
        char path[64], text[16];
        int fd;

        (void)snprintf(path, sizeof path, "%u", number);
        assert_int_equal(mkdir(path, 0755), 0);
        for (size_t i = 0; i < 2; i++) {
                (void)snprintf(path, sizeof path, i == 0 ? "%u/file" : "%u/lower%u", number,
                                number);
                fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
                assert_true(fd >= 0);
                assert_true(write(fd, text, (size_t)snprintf(text, sizeof text, "%u", number)) > 0);
                (void)close(fd);
        }

        (void)snprintf(path, sizeof path, "%u", number);
        fd = open_folder(path);
        layers->lower_fds[layers->n_lowers] =
                        overlay_open_layer(fd, layers->userns_fd, layers->scratch_fd);
        assert_true(layers->lower_fds[layers->n_lowers++] >= 0);
        (void)close(fd);
}

static void open_upper(Layers *layers) {
        int fd = open_folder(".");

        layers->top_fd = overlay_open_layer(fd, layers->userns_fd, layers->scratch_fd);
        (void)close(fd);
        assert_true(layers->top_fd >= 0);
        layers->upper_fd = openat(layers->top_fd, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
        layers->work_fd = openat(layers->top_fd, "work", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int make(const Layers *layers) {
        bool has_upper = layers->top_fd >= 0;
        const OverlayLayers overlay = {
                .lower_fds = layers->lower_fds,
                .n_lowers = layers->n_lowers,
                .upper_fd = has_upper ? layers->upper_fd : -EBADF,
                .work_fd = has_upper ? layers->work_fd : -EBADF,
        };

        return overlay_new(&overlay, NULL);
}

static struct stat look(int at_fd, const char *path) {
        struct stat st;

        assert_int_equal(fstatat(at_fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
        return st;
}

static void last_lower_is_the_topmost(void **state) {
        Layers *layers = *state;
        char text[8] = "";
        int fd, file_fd;

        need_root();
        for (unsigned i = 1; i <= 3; i++)
                add_lower(layers, i);
        fd = make(layers);
        assert_true(fd >= 0);
        file_fd = openat(fd, "file", O_RDONLY);
        assert_int_equal(read(file_fd, text, sizeof text - 1), 1);
        assert_string_equal(text, "3");
        (void)look(fd, "lower1");
        assert_int_equal(mkdirat(fd, "x", 0755), -1);
        assert_int_equal(errno, EROFS);
        (void)close(file_fd);
        (void)close(fd);
}

static void what_is_made_lands_unshifted_in_the_upper(void **state) {
        Layers *layers = *state;
        int fd;

        need_root();
        map_layers(layers);
        add_lower(layers, 1);
        open_upper(layers);
        assert_int_equal(credentials_act_as(BASE), 0);
        fd = make(layers);
        assert_true(fd >= 0);
        assert_int_equal(mkdirat(fd, "made", 0755), 0);
        assert_int_equal(fchownat(fd, "file", BASE + 33, BASE + 44, 0), 0);
        assert_int_equal(credentials_act_as(0), 0);

        assert_int_equal(look(fd, "lower1").st_uid, BASE);
        assert_int_equal(look(AT_FDCWD, "upper/made").st_uid, 0);
        assert_int_equal(look(AT_FDCWD, "upper/file").st_uid, 33);
        assert_int_equal(look(AT_FDCWD, "upper/file").st_gid, 44);
        assert_int_equal(look(AT_FDCWD, "1/file").st_uid, 0);
        (void)close(fd);
}

static void upper_that_cannot_be_used_is_an_error(void **state) {
        Layers *layers = *state;

        need_root();
        map_layers(layers);
        add_lower(layers, 1);
        open_upper(layers);
        assert_int_equal(make(layers), -EROFS); /* as the wrong user */
}

static void layers_can_stay_detached_since_linux_6_15(void **state) {
        Layers *layers = *state;
        int fd;

        need_root();
        layers->scratch_fd = fd_close(layers->scratch_fd);
        add_lower(layers, 1);
        add_lower(layers, 2);
        fd = make(layers);
        if (fd < 0) {
                print_message("machine lacks: a newer kernel\n");
                skip();
        }
        (void)look(fd, "lower1");
        (void)close(fd);
}

static void there_can_be_many_lowers(void **state) {
        Layers *layers = *state;
        int fd;

        need_root();
        for (unsigned i = 0; i < LAYERS_MAX; i++)
                add_lower(layers, i);
        fd = make(layers);
        if (fd == -EINVAL) {
                print_message("machine lacks: a newer kernel\n");
                skip();
        }
        assert_true(fd >= 0);
        for (unsigned i = 0; i < LAYERS_MAX; i++) {
                char name[16];

                (void)snprintf(name, sizeof name, "lower%u", i);
                (void)look(fd, name);
        }
        (void)close(fd);
}

#define OVERLAY_TEST(test) cmocka_unit_test_setup_teardown(test, layers_make, layers_free)

int main(void) {
        const struct CMUnitTest tests[] = {
                OVERLAY_TEST(last_lower_is_the_topmost),
                OVERLAY_TEST(what_is_made_lands_unshifted_in_the_upper),
                OVERLAY_TEST(upper_that_cannot_be_used_is_an_error),
                OVERLAY_TEST(layers_can_stay_detached_since_linux_6_15),
                OVERLAY_TEST(there_can_be_many_lowers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
