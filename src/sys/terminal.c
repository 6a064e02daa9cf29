/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "base/cleanup.h"

int terminal_open_pty(int devpts_fd, int *ret_master_fd, char ret_name[static TERMINAL_NAME_MAX]) {
        CLEANUP_CLOSE int fd = -EBADF;
        unsigned number = 0;
        int unlocked = 0;

        fd = openat(devpts_fd, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return -errno;

        if (ioctl(fd, TIOCSPTLCK, &unlocked) < 0 || ioctl(fd, TIOCGPTN, &number) < 0)
                return -errno;

        (void)snprintf(ret_name, TERMINAL_NAME_MAX, "%u", number); /* Ten digits always fit. */
        *ret_master_fd = TAKE_FD(fd);
        return 0;
}

int terminal_open_peer(int master_fd) {
        int fd;

        fd = ioctl(master_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

bool terminal_is_master(int fd) {
        unsigned number;

        return ioctl(fd, TIOCGPTN, &number) == 0;
}

bool terminal_is_same(int a, int b) {
        unsigned device_a;
        unsigned device_b;

        /* Not fstat(): /dev/tty is a file of its own, whatever it stands for. */
        return ioctl(a, TIOCGDEV, &device_a) == 0 && ioctl(b, TIOCGDEV, &device_b) == 0 &&
               device_a == device_b;
}

int terminal_make_controlling(int fd) {
        return ioctl(fd, TIOCSCTTY, 0) < 0 ? -errno : 0;
}

int terminal_get_size(int fd, struct winsize *ret_size) {
        return ioctl(fd, TIOCGWINSZ, ret_size) < 0 ? -errno : 0;
}

int terminal_set_size(int fd, const struct winsize *size) {
        return ioctl(fd, TIOCSWINSZ, size) < 0 ? -errno : 0;
}

int terminal_save(int fd, TerminalState *ret_state) {
        TerminalState state = { .fd = fd };

        if (tcgetattr(fd, &state.attributes) < 0)
                return -errno;

        *ret_state = state;
        return 0;
}

int terminal_set_raw(const TerminalState *state, TerminalSides sides) {
        struct termios attributes = state->attributes;

        cfmakeraw(&attributes);
        if (!(sides & TERMINAL_INPUT)) {
                attributes.c_iflag = state->attributes.c_iflag;
                attributes.c_lflag = state->attributes.c_lflag;
        }
        if (!(sides & TERMINAL_OUTPUT))
                attributes.c_oflag = state->attributes.c_oflag;

        return tcsetattr(state->fd, TCSANOW, &attributes) < 0 ? -errno : 0;
}

int terminal_restore(const TerminalState *state) {
        sigset_t background_output;
        sigset_t previous;
        int r;

        /* With SIGTTOU blocked the kernel lets a background process change the terminal; without
         * that, whoever restores it would be stopped instead and leave it raw. */
        (void)sigemptyset(&background_output);
        (void)sigaddset(&background_output, SIGTTOU);
        if (sigprocmask(SIG_BLOCK, &background_output, &previous) < 0)
                return -errno;

        r = tcsetattr(state->fd, TCSANOW, &state->attributes) < 0 ? -errno : 0;
        (void)sigprocmask(SIG_SETMASK, &previous, NULL); /* Arguments are valid: cannot fail. */
        return r;
}
