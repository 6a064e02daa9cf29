/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/console.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/macro.h"
#include "sys/process.h"

/*
 * Theory.
 *
 * The peer is kept open by us. Without that, each moment in which no process of the payload has its
 * console open (between two gettys, or before init opens it) makes the master report POLLHUP and
 * EIO, for which poll() cannot be told not to wake up: a busy loop or a timer. With our fd the
 * master just has nothing to read. A vhangup() in the payload (agetty does it) kills our fd with
 * all others and the master reports EIO; opening the peer anew clears that. One hangup costs one
 * open, so nothing spins. A read that would block means that nothing is left: the kernel moves
 * pending bytes over before it says so (n_tty_read).
 *
 * Keys: ^] (0x1d) is passed on at once, so that a payload's own use of it works; the key that
 * completes a combination is not. Only a terminal's input is searched: a file may contain anything.
 */

enum {
        POLL_INPUT,
        POLL_OUTPUT,
        POLL_MASTER,
};
static_assert(POLL_MASTER + 1 == CONSOLE_POLL_MAX, "one entry for each descriptor");

enum { ESCAPE_KEY = 0x1d };

/* Keys that may have to be added at the end of the input; this room is there when it is read. */
enum { END_OF_FILE_MAX = 2 };

#define ESCAPE_TIMEOUT_US (1 * USEC_PER_SEC)

/* The event of higher rank, see console_process(). */
static void note_event(ConsoleEvent *event, ConsoleEvent other) {
        if (*event == CONSOLE_EVENT_NONE || (other != CONSOLE_EVENT_NONE && other < *event))
                *event = other;
}

static void hang_up(Console *console, ConsoleEvent *event) {
        console->is_hung_up = true;
        console->is_input_at_end = true;
        console_ring_clear(&console->from_payload);
        note_event(event, CONSOLE_EVENT_HANGUP);
}

static bool drops_output(const Console *console) {
        return console->mode == CONSOLE_PASSIVE || console->is_hung_up;
}

static bool reads_input(const Console *console) {
        return console->mode == CONSOLE_INTERACTIVE && console->master_fd >= 0 &&
               !console->is_input_at_end &&
               console_ring_space(&console->to_payload) >= END_OF_FILE_MAX;
}

static void close_master(Console *console) {
        console->peer_fd = fd_close(console->peer_fd);
        console->master_fd = fd_close(console->master_fd);
        console_ring_clear(&console->to_payload);
}

static int open_peer(Console *console) {
        int fd;

        fd = terminal_open_peer(console->master_fd);
        if (fd < 0)
                return fd;

        console->peer_fd = fd_close(console->peer_fd);
        console->peer_fd = fd;
        return 0;
}

/* What KEY completes; KEY itself is to be passed on unless the result says otherwise. */
static ConsoleEvent look_at_key(Console *console, char key) {
        uint64_t now_us = clock_monotonic_us();
        unsigned n_before = console->n_escapes;

        if (n_before > 0 && now_us - console->escape_us > ESCAPE_TIMEOUT_US)
                n_before = 0;

        console->n_escapes = 0;
        if (key == ESCAPE_KEY) {
                if (n_before == 2)
                        return CONSOLE_EVENT_KILL;
                if (n_before == 0)
                        console->escape_us = now_us;
                console->n_escapes = n_before + 1;
        } else if (n_before == 2 && key == 'r')
                return CONSOLE_EVENT_REBOOT;
        else if (n_before == 2 && key == 'p')
                return CONSOLE_EVENT_POWEROFF;

        return CONSOLE_EVENT_NONE;
}

/* Takes the combinations out of the SIZE bytes of KEYS, in place; returns what remains. */
static size_t look_at_keys(Console *console, char *keys, size_t size, ConsoleEvent *event) {
        size_t n_kept = 0;

        for (size_t i = 0; i < size; i++) {
                ConsoleEvent found = look_at_key(console, keys[i]);

                if (found == CONSOLE_EVENT_NONE)
                        keys[n_kept++] = keys[i];
                note_event(event, found);
        }

        if (*event == CONSOLE_EVENT_KILL)
                console->is_killed = true;
        return n_kept;
}

/* The input was no terminal and is at its end: types the payload's end-of-file key. If the last
 * line is not complete the first one only completes it. */
static void type_end_of_file(Console *console) {
        TerminalState state;
        size_t size;
        char *tail;

        if (terminal_save(console->master_fd, &state) < 0 || !(state.attributes.c_lflag & ICANON))
                return;

        for (int n = console->last_key == '\n' ? 1 : END_OF_FILE_MAX; n > 0; n--) {
                tail = console_ring_tail(&console->to_payload, &size);
                *tail = (char)state.attributes.c_cc[VEOF];
                console_ring_add(&console->to_payload, 1);
        }
}

static void read_input(Console *console, ConsoleEvent *event) {
        ssize_t n;
        size_t size;
        char *tail;

        while (reads_input(console)) {
                tail = console_ring_tail(&console->to_payload, &size);
                n = console_stream_read(&console->input, tail, size);
                if (n == -EAGAIN || n == -EINTR)
                        return;
                if (n <= 0) {
                        if (console->input.is_terminal)
                                hang_up(console, event);
                        else
                                type_end_of_file(console);
                        console->is_input_at_end = true;
                        return;
                }

                console->last_key = tail[n - 1];
                size = (size_t)n;
                if (console->input.is_terminal)
                        size = look_at_keys(console, tail, size, event);
                console_ring_add(&console->to_payload, size);
        }
}

static void write_to_payload(Console *console) {
        const char *head;
        ssize_t n;
        size_t size;

        while (console->master_fd >= 0 && console->to_payload.size > 0) {
                head = console_ring_head(&console->to_payload, &size);
                n = write(console->master_fd, head, size);
                if (n < 0) /* Full, or hung up: then reading says so. */
                        return;
                console_ring_remove(&console->to_payload, (size_t)n);
        }
}

/* The payload hung its console up: opens the peer anew, or gives the console up. */
static void recover_master(Console *console) {
        int r;

        r = open_peer(console);
        if (r < 0) {
                log_warning_errno(r, "The payload's console does not work any more, ignoring");
                close_master(console);
        }
}

/* Fills the ring; stops at its end, so that one payload's flood does not hold up the loop. Returns
 * whether something came. */
static bool read_from_payload(Console *console) {
        bool has_read = false;
        ssize_t n;
        size_t size;
        char *tail;

        while (console->master_fd >= 0 && console_ring_space(&console->from_payload) > 0) {
                tail = console_ring_tail(&console->from_payload, &size);
                n = read(console->master_fd, tail, size);
                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        break;
                if (n <= 0) {
                        recover_master(console);
                        break;
                }
                has_read = true;
                console_ring_add(&console->from_payload, (size_t)n);
        }

        if (drops_output(console))
                console_ring_clear(&console->from_payload);
        return has_read;
}

static bool is_caller_gone(ssize_t error) {
        return error == -EPIPE || error == -EIO || error == -ECONNRESET || error == -EBADF ||
               error == -ENXIO;
}

static void write_output(Console *console, ConsoleEvent *event) {
        const char *head;
        ssize_t n;
        size_t size;

        while (!drops_output(console) && console->from_payload.size > 0) {
                head = console_ring_head(&console->from_payload, &size);
                n = console_stream_write(&console->output, head, size);
                if (n == -EAGAIN || n == -EINTR)
                        return;
                if (n < 0 && is_caller_gone(n)) {
                        hang_up(console, event);
                        return;
                }
                if (n < 0) {
                        /* A full disk, say: no reason to end a machine. */
                        if (!console->has_write_error)
                                log_warning_errno((int)n,
                                                "Failed to write the payload's output, ignoring");
                        console->has_write_error = true;
                        n = (ssize_t)size;
                }
                console_ring_remove(&console->from_payload, (size_t)n);
        }
}

/* Adds FD's terminal to those that become raw. */
static int add_terminal(Console *console, int fd, TerminalSides sides) {
        int r;

        r = terminal_save(fd, &console->terminals[console->n_terminals]);
        if (r < 0)
                return r;

        console->terminal_sides[console->n_terminals++] = sides;
        return 0;
}

/* Where there is one terminal it is the output's descriptor, which escape sequences can go to. */
static int add_terminals(Console *console) {
        const ConsoleStream *input = &console->input;
        const ConsoleStream *output = &console->output;
        int r;

        if (input->is_terminal && output->is_terminal && terminal_is_same(input->fd, output->fd))
                return add_terminal(console, output->fd, TERMINAL_INPUT | TERMINAL_OUTPUT);

        if (input->is_terminal) {
                r = add_terminal(console, input->fd, TERMINAL_INPUT);
                if (r < 0)
                        return r;
        }

        return output->is_terminal ? add_terminal(console, output->fd, TERMINAL_OUTPUT) : 0;
}

static int set_raw(const Console *console) {
        int r;

        for (size_t i = 0; i < console->n_terminals; i++) {
                r = terminal_set_raw(&console->terminals[i], console->terminal_sides[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

static void restore_terminals(Console *console) {
        int r;

        for (size_t i = 0; i < console->n_terminals; i++) {
                r = terminal_restore(&console->terminals[i]);
                if (r < 0 && r != -EIO) /* EIO: hung up, nothing is left to restore. */
                        log_warning_errno(r, "Failed to restore the terminal, ignoring");
                if (console->is_killed)
                        terminal_guard_show_cursor(console->terminals[i].fd);
                terminal_show(console->terminals[i].fd, console->looks.off);
        }

        console->n_terminals = 0;
        terminal_guard_done(&console->guard);
}

static int make_raw(Console *console) {
        size_t size;
        char *keys;
        int r;

        r = add_terminals(console);
        if (r >= 0 && console->n_terminals > 0)
                r = terminal_guard_start(&console->guard, console->terminals, console->n_terminals,
                                &console->looks);
        if (r < 0) {
                console->n_terminals = 0;
                return log_error_errno(r, "Failed to prepare the terminal");
        }

        r = set_raw(console);
        if (r < 0) {
                restore_terminals(console);
                return log_error_errno(r, "Failed to make the terminal raw");
        }

        if (console->tints && console->input.is_terminal && console->output.is_terminal) {
                keys = console_ring_tail(&console->to_payload, &size);
                console_ring_add(&console->to_payload,
                                terminal_looks_tint(&console->looks, console->input.fd,
                                                console->output.fd, keys, size));
        }
        for (size_t i = 0; i < console->n_terminals; i++)
                terminal_show(console->terminals[i].fd, console->looks.on);

        return 0;
}

void console_init(Console *console) {
        console->mode = CONSOLE_PASSIVE;
        console_stream_init(&console->input);
        console_stream_init(&console->output);
        console->master_fd = -EBADF;
        console->peer_fd = -EBADF;
        console->to_payload = CONSOLE_RING_NONE;
        console->from_payload = CONSOLE_RING_NONE;
        console->last_key = '\n';
        console->is_input_at_end = false;
        console->is_hung_up = false;
        console->is_killed = false;
        console->has_write_error = false;
        console->n_escapes = 0;
        console->escape_us = 0;
        console->n_terminals = 0;
        console->looks = (TerminalLooks){ 0 };
        console->tints = false;
        terminal_guard_init(&console->guard);
}

void console_open(Console *console, Arena *arena, ConsoleMode mode, int in_fd, int out_fd) {
        console->mode = mode;
        console->to_payload = console_ring_new(arena);
        console->from_payload = console_ring_new(arena);
        if (mode == CONSOLE_INTERACTIVE)
                console_stream_open(&console->input, in_fd, O_RDONLY);
        if (mode == CONSOLE_INTERACTIVE || mode == CONSOLE_READ_ONLY)
                console_stream_open(&console->output, out_fd, O_WRONLY);
}

int console_attach(Console *console, int master_fd) {
        int flags;
        int r;

        close_master(console);
        console->master_fd = master_fd;

        /* The other side made this pseudo terminal for us and keeps no copy: its flags are ours. */
        flags = fcntl(master_fd, F_GETFL);
        r = flags < 0 || fcntl(master_fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
        if (r >= 0)
                r = open_peer(console);
        if (r < 0) {
                close_master(console);
                return log_error_errno(r, "Failed to use the payload's console");
        }

        if (console->mode == CONSOLE_INTERACTIVE && console->n_terminals == 0) {
                r = make_raw(console);
                if (r < 0) {
                        close_master(console);
                        return r;
                }
        }

        console_resize(console);
        return 0;
}

bool console_is_raw(const Console *console) {
        return console->n_terminals > 0;
}

void console_fill_poll(const Console *console, struct pollfd fds[static CONSOLE_POLL_MAX]) {
        short master_events = 0;

        for (size_t i = 0; i < CONSOLE_POLL_MAX; i++)
                fds[i] = (struct pollfd){ .fd = -1 };

        if (console->master_fd < 0 && console->from_payload.size == 0)
                return;

        /* A file that poll() cannot wait for is always ready: right for it. */
        if (reads_input(console))
                fds[POLL_INPUT] = (struct pollfd){ .fd = console->input.fd, .events = POLLIN };

        /* Also without output to write, for POLLERR and POLLHUP. */
        if (!drops_output(console))
                fds[POLL_OUTPUT] = (struct pollfd){
                        .fd = console->output.fd,
                        .events = console->from_payload.size > 0 ? POLLOUT : 0,
                };

        if (console_ring_space(&console->from_payload) > 0)
                master_events |= POLLIN;
        if (console->to_payload.size > 0)
                master_events |= POLLOUT;
        /* Without an event that we can act on, a pending POLLHUP would make the loop spin. */
        if (master_events != 0)
                fds[POLL_MASTER] = (struct pollfd){ .fd = console->master_fd,
                        .events = master_events };
}

ConsoleEvent console_process(Console *console, const struct pollfd fds[static CONSOLE_POLL_MAX]) {
        ConsoleEvent event = CONSOLE_EVENT_NONE;
        short output_events = fds[POLL_OUTPUT].fd >= 0 ? fds[POLL_OUTPUT].revents : 0;

        if (!console->is_hung_up && (output_events & (POLLERR | POLLHUP | POLLNVAL)))
                hang_up(console, &event);

        if (fds[POLL_MASTER].fd >= 0 && (fds[POLL_MASTER].revents & (POLLERR | POLLHUP)))
                recover_master(console);

        if (fds[POLL_INPUT].fd >= 0 && fds[POLL_INPUT].revents != 0)
                read_input(console, &event);
        write_to_payload(console);

        (void)read_from_payload(console); /* The loop comes back by itself if there is more. */
        write_output(console, &event);
        return event;
}

void console_resize(Console *console) {
        struct winsize size;

        if (console->master_fd < 0 || !console->output.is_terminal)
                return;

        /* The terminal may be gone, or too simple to know its size; then it stays as it was. */
        if (terminal_get_size(console->output.fd, &size) >= 0 && size.ws_row > 0)
                (void)terminal_set_size(console->master_fd, &size);
}

void console_resume(Console *console) {
        (void)set_raw(console); /* A terminal that is gone is told by poll(). */
        console_resize(console);
}

void console_drain(Console *console, uint64_t deadline_us) {
        ConsoleEvent event = CONSOLE_EVENT_NONE;
        struct pollfd fd;
        bool has_read;

        /* What is left may be more than a ring. */
        do {
                has_read = read_from_payload(console);
                write_output(console, &event); /* A hangup now only means that nobody reads. */
                if (console->from_payload.size == 0)
                        continue;

                fd = (struct pollfd){ .fd = console->output.fd, .events = POLLOUT };
                if (poll(&fd, 1, clock_poll_timeout(deadline_us)) == 0)
                        break;
        } while ((has_read || console->from_payload.size > 0) &&
                        clock_monotonic_us() < deadline_us);

        console_ring_clear(&console->from_payload);
        close_master(console);
}

void console_done(Console *console) {
        restore_terminals(console);
        close_master(console);
        console_stream_done(&console->input);
        console_stream_done(&console->output);
        console_init(console);
}
