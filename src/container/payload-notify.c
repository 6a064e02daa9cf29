/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/payload-notify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "sys/notify.h"

enum { MESSAGES_PER_CALL = 16 };

static void send(const char *state) {
        int r = notify_send(state);

        if (r < 0)
                log_debug_errno(r, "Failed to notify the service manager");
}

/* One KEY=VALUE line of PID 1's, as the line that goes to our own service manager; or NULL. */
static const char *translate(const Container *container, Arena *arena, const char *line) {
        const char *status = text_after(line, "STATUS=");

        if (status)
                return arena_printf(arena, "STATUS=Machine running: %s\n",
                                text_printable(arena, status));
        if (text_equal(line, "WATCHDOG=1"))
                return "WATCHDOG=1\n";
        if (text_equal(line, "READY=1") && container->plan->notify_ready)
                return "READY=1\n";
        if (text_equal(line, "RELOADING=1") && container->plan->notify_ready)
                /* On our clock: the payload's may be another. */
                return arena_printf(arena, "RELOADING=1\nMONOTONIC_USEC=%llu\n",
                                (unsigned long long)clock_monotonic_us());

        return NULL;
}

static void pass_on(const Container *container, char *text) {
        Arena arena = { 0 };
        const char *state = "";
        char *rest = text, *line;

        while ((line = strsep(&rest, "\n"))) {
                const char *translated = translate(container, &arena, line);

                if (translated)
                        state = arena_printf(&arena, "%s%s", state, translated);
        }
        if (state[0] != '\0')
                send(state);
        arena_done(&arena);
}

void payload_notify_process(Container *container) {
        char text[NOTIFY_MESSAGE_MAX + 1];

        for (int i = 0; i < MESSAGES_PER_CALL; i++) {
                pid_t sender = 0;
                ssize_t n = notify_receive(container->notify_fd, text, &sender);

                if (n == -EBADMSG)
                        continue;
                if (n < 0)
                        return;
                if (sender == container->payload.pid)
                        pass_on(container, text);
        }
}

void payload_notify_started(const Container *container) {
        char state[160];

        (void)snprintf(state, sizeof state,
                        "%sSTATUS=Machine running\nX_NSPAWN_LEADER_PID=%d\nX_BOOT_TREE_LEADER_PID=%d\n",
                        container->plan->notify_ready ? "" : "READY=1\n",
                        (int)container->payload.pid, (int)container->payload.pid);
        send(state);
}

void payload_notify_stopping(void) {
        send("STOPPING=1\nSTATUS=Machine is stopping");
}
