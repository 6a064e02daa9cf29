/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stop-jail.h"

static void each_init_gets_its_own_signal_once_it_listens(void **state) {
        const struct {
                const char *program;
                int signals[STOP_KIND_MAX];
        } cases[] = {
                { "systemd", { SIGRTMIN + 4, SIGRTMIN + 5 } },
                { "finit", { SIGUSR2, SIGTERM } },
                { "busybox", { SIGUSR2, SIGTERM } },
                { "an-emulated-systemd", { SIGRTMIN + 4, SIGRTMIN + 5 } },
                { "some-other-init", { SIGTERM, SIGINT } },
        };
        Jail *jail = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (StopKind kind = 0; kind < STOP_KIND_MAX; kind++) {
                        uint64_t signal = bit(cases[i].signals[kind]);

                        jail_start(jail, cases[i].program, 0);
                        assert_int_equal(stop_request(&jail->target, kind), -EAGAIN);
                        jail_start(jail, cases[i].program, bit(SIGHUP) | signal);
                        assert_int_equal(stop_request(&jail->target, kind), 0);
                        assert_int_equal(pending(jail), signal);
                }
}

static void busybox_listens_if_it_blocks_anything_others_do_not(void **state) {
        Jail *jail = *state;

        jail_start(jail, "busybox", bit(SIGCHLD));
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), 0);
        jail_start(jail, "finit", bit(SIGCHLD));
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -EAGAIN);
}

static void what_ends_already_is_left_alone(void **state) {
        Jail *jail = *state;

        jail_start(jail, "systemd-shutdown", ~UINT64_C(0));
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), 0);
        assert_int_equal(pending(jail), 0);
}

static void init_is_known_after_an_upgrade_removed_it(void **state) {
        Jail *jail = *state;

        jail_start(jail, "finit", ~UINT64_C(0));
        assert_int_equal(unlink("../finit"), 0);
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), 0);
        assert_int_equal(pending(jail), bit(SIGUSR2));
}

static void users_signal_is_sent_instead_for_power_off_only(void **state) {
        Jail *jail = *state;

        jail->target.kill_signal = SIGUSR1;
        jail_start(jail, "finit", 0);
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -EAGAIN);
        jail_start(jail, "finit", ~UINT64_C(0));
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), 0);
        assert_int_equal(pending(jail), bit(SIGUSR1));
        assert_int_equal(stop_request(&jail->target, STOP_REBOOT), 0);
        assert_int_equal(pending(jail), bit(SIGUSR1) | bit(SIGTERM));
}

static void a_command_understands_nothing_but_the_users_signal(void **state) {
        Jail *jail = *state;

        jail->target.payload = STOP_PAYLOAD_COMMAND;
        jail_start(jail, "systemd", ~UINT64_C(0));
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -EOPNOTSUPP);
        jail->target.kill_signal = SIGKILL;
        assert_int_equal(stop_request(&jail->target, STOP_REBOOT), -EOPNOTSUPP);
        assert_int_equal(pending(jail), 0);
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), 0);
}

static void our_stub_takes_systemds_signals(void **state) {
        Jail *jail = *state;

        jail->target.payload = STOP_PAYLOAD_STUB;
        jail_start(jail, "finit", 0);
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), -EAGAIN);
        jail_start(jail, "finit", ~UINT64_C(0));
        assert_int_equal(stop_request(&jail->target, STOP_POWEROFF), 0);
        assert_int_equal(stop_request(&jail->target, STOP_REBOOT), 0);
        assert_int_equal(pending(jail), bit(SIGRTMIN + 4) | bit(SIGRTMIN + 5));
}

static const struct CMUnitTest tests[] = {
        JAIL_TEST(each_init_gets_its_own_signal_once_it_listens),
        JAIL_TEST(busybox_listens_if_it_blocks_anything_others_do_not),
        JAIL_TEST(what_ends_already_is_left_alone),
        JAIL_TEST(init_is_known_after_an_upgrade_removed_it),
        JAIL_TEST(users_signal_is_sent_instead_for_power_off_only),
        JAIL_TEST(a_command_understands_nothing_but_the_users_signal),
        JAIL_TEST(our_stub_takes_systemds_signals),
};

int main(int argc, char **argv) {
        if (!jail_begin(argc, argv))
                return EXIT_SUCCESS;

        return cmocka_run_group_tests(tests, NULL, NULL);
}
