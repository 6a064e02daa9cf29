/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Tries every probe and prints a line for each: "NAME allowed", "NAME denied ERRNO" or "NAME absent".
 *
 *   probe [NAME…]
 */

#define _GNU_SOURCE
#include "probe.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 5, STATUS_ALLOWED = 0, STATUS_ABSENT = 200 };

static int try(const Probe *probe) {
        int r;

        alarm(SECONDS);
        r = probe->run(probe);
        if (r >= 0)
                return STATUS_ALLOWED;
        return r == -ENOTSUP ? STATUS_ABSENT : -r;
}

static void report(const Probe *probe) {
        int status;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0)
                _exit(try(probe));
        if (pid < 0 || waitpid(pid, &status, 0) < 0) {
                printf("%s failed\n", probe->name);
                return;
        }

        if (WIFSIGNALED(status)) /* by a filter that kills, or of an entry that is not there */
                printf("%s denied %s\n", probe->name,
                                WTERMSIG(status) == SIGALRM ? "timeout" : "signal");
        else if (WEXITSTATUS(status) == STATUS_ALLOWED)
                printf("%s allowed\n", probe->name);
        else if (WEXITSTATUS(status) == STATUS_ABSENT)
                printf("%s absent\n", probe->name);
        else
                printf("%s denied %s\n", probe->name, strerrorname_np(WEXITSTATUS(status)));
}

static int is_wanted(const char *name, char **names) {
        if (!names[0])
                return 1;

        for (; names[0]; names++)
                if (strcmp(name, names[0]) == 0)
                        return 1;

        return 0;
}

int main(int argc, char **argv) {
        const ProbeList lists[] = {
                probes_of_files(),
                probes_of_devices(),
                probes_of_mounts(),
                probes_of_calls(),
                probes_of_sockets(),
                probes_of_leaks(),
        };

        (void)argc;
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
                for (size_t j = 0; j < lists[i].n_probes; j++)
                        if (is_wanted(lists[i].probes[j].name, argv + 1))
                                report(&lists[i].probes[j]);
        return 0;
}
