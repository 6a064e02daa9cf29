/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>

#include "base/device-rule.h"
#include "config/value.h"

static void a_device_has_a_place_and_an_access(void **state) {
        static const struct {
                const char *text, *source, *target;
                unsigned access;
                bool is_optional;
        } good[] = {
                { "kvm", "kvm", NULL, 0, false },
                { "-gpu", "gpu", NULL, 0, true },
                { "tun:r", "tun", NULL, DEVICE_READ, false },
                { "/dev/sdb", "/dev/sdb", NULL, 0, false },
                { "-/dev/sdb:rwm", "/dev/sdb", NULL, DEVICE_ALL, true },
                { "/dev//sdb/:/dev/a//b", "/dev/sdb", "/dev/a/b", 0, false },
                { "/dev/sdb:/dev/data:wr", "/dev/sdb", "/dev/data", DEVICE_READ | DEVICE_WRITE,
                                false },
                { "/dev/disk/by-path/pci-0\\:0", "/dev/disk/by-path/pci-0:0", NULL, 0, false },
                { "/srv/node:/dev/node", "/srv/node", "/dev/node", 0, false },
                { "/dev/ptmx2", "/dev/ptmx2", NULL, 0, false },
        };
        DeviceSpecList list = { 0 };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                const char *reason = NULL;
                const DeviceSpec *spec;

                if (value_device(&arena, good[i].text, &list, &reason) < 0)
                        fail_msg("'%s': %s", good[i].text, reason);
                assert_int_equal(list.n_items, i + 1);
                spec = &list.items[i];
                assert_string_equal(spec->source, good[i].source);
                if (good[i].target)
                        assert_string_equal(spec->target, good[i].target);
                else
                        assert_null(spec->target);
                assert_int_equal(spec->access, good[i].access);
                assert_int_equal(spec->is_optional, good[i].is_optional);
        }
        arena_done(&arena);
}

static void what_is_no_device_is_refused(void **state) {
        static const char *const bad[] = {
                "",
                "-",
                "nope",
                "kvm:/dev/kvm2",
                "kvm:x",
                "kvm:r:w",
                "kvm:",
                "tun:rr",
                "/dev/sdb:",
                "/dev/sdb:/srv/x",
                "/dev/sdb:/dev",
                "/dev/sdb:/dev/x:",
                "/dev/sdb:/dev/x:q",
                "/dev/sdb:/dev/x:r:w",
                "/dev/sdb:/dev/../etc/x",
                "/dev/../etc/x",
                "/srv/node",
                "/dev",
                "/",
                "dev/sdb",
                "/dev/sdb:/dev/pts/7",
                "/dev/sdb:/dev/console",
                "/dev/shm/x",
                "/dev/char/10:1",
                "/dev/sdb:/dev/null/../x",
                "/dev/stdin",
                "--/dev/sdb",
        };
        DeviceSpecList list = { 0 };
        Arena arena = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                const char *reason = NULL;

                if (value_device(&arena, bad[i], &list, &reason) != -EINVAL)
                        fail_msg("'%s' was taken", bad[i]);
                assert_non_null(reason);
                assert_int_equal(list.n_items, 0);
        }
        arena_done(&arena);
}

static void every_kind_of_device_stands_for_paths_below_dev(void **state) {
        Arena arena = { 0 };
        StringList words = value_device_words(&arena);

        (void)state;
        assert_true(words.n_items >= 6);
        for (size_t i = 0; i < words.n_items; i++) {
                const char *const *path = device_name_paths(words.items[i]);

                assert_non_null(path);
                assert_non_null(*path);
                for (; *path; path++)
                        assert_memory_equal(*path, "/dev/", 5);
        }
        assert_null(device_name_paths("/dev/kvm"));
        assert_null(device_name_paths(""));
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_has_a_place_and_an_access),
        cmocka_unit_test(what_is_no_device_is_refused),
        cmocka_unit_test(every_kind_of_device_stands_for_paths_below_dev),
};

UNIT_TEST_MAIN(tests)
