/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "seizes ID SECONDS": with the ids of user and group ID looks at every new process of this
 * machine, and says what it got of each: "traced PID NAME" if the process can be traced, "read PID FD
 * TARGET" for every open file that it was shown. At last says how often it tried, "tried N". */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int newest(void) {
        char text[32] = "";
        int fd = open("/proc/sys/kernel/ns_last_pid", O_RDONLY);

        if (fd >= 0) {
                (void)!read(fd, text, sizeof text - 1);
                close(fd);
        }
        return atoi(text);
}

static void show_files(int pid) {
        char path[64], target[256];
        struct dirent *entry;
        DIR *folder;

        snprintf(path, sizeof path, "/proc/%d/fd", pid);
        folder = opendir(path);
        while (folder && (entry = readdir(folder))) {
                ssize_t n = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);

                if (n > 0)
                        printf("read %d %s %.*s\n", pid, entry->d_name, (int)n, target);
        }
        if (folder)
                closedir(folder);
}

static void look_at(int pid) {
        char path[64], name[64] = "?\n";
        int fd;

        show_files(pid);
        if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
                return;
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        fd = open(path, O_RDONLY);
        if (fd >= 0) {
                (void)!read(fd, name, sizeof name - 1);
                close(fd);
        }
        printf("traced %d %s", pid, name);
        show_files(pid);
        if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0)
                waitpid(pid, NULL, __WALL);
        ptrace(PTRACE_DETACH, pid, 0, 0);
}

int main(int argc, char **argv) {
        uid_t id = argc > 2 ? (uid_t)atoi(argv[1]) : 0;
        time_t end = time(NULL) + (argc > 2 ? atoi(argv[2]) : 0);
        int from = newest(), n_tried = 0;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (id == 0 || setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 ||
                        setresuid(id, id, id) < 0)
                return 1;
        while (time(NULL) < end) {
                int to = newest();

                /* Again and again: it changes what it is several times before it is the payload. */
                for (int pid = to > from + 12 ? to - 12 : from; pid <= to; pid++, n_tried++)
                        if (pid != getpid())
                                look_at(pid);
        }
        printf("tried %d\n", n_tried);
        return fflush(stdout) == 0 ? 0 : 1;
}
