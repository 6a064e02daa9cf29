/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/gather-receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/macro.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/text.h"
#include "sys/process.h"

#define VERSION_TIMEOUT_US (10 * USEC_PER_SEC)

/* Runs PROGRAM with --version; its output goes to WORDS_FD. */
__attribute__((noreturn)) static void say_version(const char *program, int words_fd) {
        char option[] = "--version", name[] = "systemd-journal-remote";
        char *const arguments[] = { name, option, NULL }, *const environment[] = { NULL };
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null_fd >= 0 && dup2(null_fd, STDIN_FILENO) >= 0 &&
                        dup2(words_fd, STDOUT_FILENO) >= 0 && dup2(null_fd, STDERR_FILENO) >= 0)
                execve(program, arguments, environment);
        _exit(EXIT_FAILURE);
}

/* Of "systemd 257 (257.9-1)" the number; 0 if it says something else. */
static unsigned parse_version(char *text) {
        const char *word = text_after(text, "systemd ");
        uint32_t version;

        if (!word)
                return 0;

        text[strcspn(word, " .~-\n") + (size_t)(word - text)] = '\0';
        return parse_u32(word, &version) < 0 ? 0 : version;
}

static unsigned find_version(const char *program) {
        CLEANUP_CLOSE int read_fd = -EBADF, write_fd = -EBADF;
        Process process = PROCESS_NONE;
        char text[4096] = "";
        siginfo_t info;
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return 0;
        read_fd = ends[0];
        write_fd = ends[1];

        r = process_fork(&process);
        if (r == 0)
                say_version(program, write_fd);
        write_fd = fd_close(write_fd);

        /* What it says fits into the pipe, so it ends without anybody who reads. */
        if (r > 0)
                r = process_wait(&process, clock_monotonic_us() + VERSION_TIMEOUT_US, &info);
        process_done(&process);
        if (r < 0 || io_read_all(read_fd, text, sizeof text) < 0)
                return 0;

        return parse_version(text);
}

void gather_receiver(const Config *config, Facts *facts, Sources *sources) {
        static const char *const programs[] = { "/usr/lib/systemd/systemd-journal-remote",
                "/lib/systemd/systemd-journal-remote" };
        const ForwardJournal *forward = &config->integration.forward_journal;
        Arena *arena = &facts->arena;
        const char *path, *parent;

        if (!forward->path)
                return;

        for (size_t i = 0; i < ELEMENTSOF(programs) && !facts->journal.receiver; i++)
                if (access(programs[i], X_OK) >= 0)
                        facts->journal.receiver = programs[i];
        if (!facts->journal.receiver)
                return;
        facts->journal.receiver_version = find_version(facts->journal.receiver);

        path = forward_journal_folder(forward, arena);
        while (sources_add(facts, sources, path) == -ENOENT) {
                parent = path_parent(arena, path);
                if (text_equal(parent, path))
                        return;
                path = parent;
        }
}
