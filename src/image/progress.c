/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/progress.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "sys/process.h"

enum { SHOW_INTERVAL_US = 100 * 1000 };

static void ending_signals(sigset_t *ret_signals) {
        sigemptyset(ret_signals);
        sigaddset(ret_signals, SIGINT);
        sigaddset(ret_signals, SIGTERM);
        sigaddset(ret_signals, SIGHUP);
}

void progress_begin(Progress *progress, const char *what) {
        sigset_t signals;

        *progress = (Progress){ .what = what, .shown_us = clock_monotonic_us() };
        ending_signals(&signals);
        (void)sigprocmask(SIG_BLOCK, &signals, &progress->old_mask); /* cannot fail */
}

static bool has_terminal(void) {
        return log_is_shown(LOG_NOTICE) && isatty(STDERR_FILENO);
}

static void show(Progress *progress) {
        uint64_t now_us = clock_monotonic_us();

        if (now_us - progress->shown_us < SHOW_INTERVAL_US)
                return;

        progress->shown_us = now_us;
        if (!has_terminal()) {
                if (!progress->is_shown)
                        log_notice("Copying '%s', this takes a while", progress->what);
        } else
                (void)fprintf(stderr, "\r\033[KCopying: %llu files, %.1f MiB",
                                (unsigned long long)progress->n_files,
                                (double)progress->n_bytes / (1 << 20));
        progress->is_shown = true;
}

int progress_add(void *userdata, unsigned n_files, uint64_t n_bytes) {
        Progress *progress = userdata;
        sigset_t pending;

        progress->n_files += n_files;
        progress->n_bytes += n_bytes;
        show(progress);
        if (sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) == 1 ||
                                                         sigismember(&pending, SIGTERM) == 1 ||
                                                         sigismember(&pending, SIGHUP) == 1))
                return -ECANCELED;

        return 0;
}

int progress_end(Progress *progress, int r) {
        const struct timespec none = { 0 };
        sigset_t signals;

        /* They are not to end us before all is removed. */
        ending_signals(&signals);
        while (sigtimedwait(&signals, NULL, &none) > 0)
                r = r < 0 ? r : -ECANCELED;
        (void)sigprocmask(SIG_SETMASK, &progress->old_mask, NULL); /* cannot fail */
        if (progress->is_shown && has_terminal())
                (void)fprintf(stderr, "\r\033[K");
        return r;
}
