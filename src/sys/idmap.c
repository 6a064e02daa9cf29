/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "sys/kernel.h"

static int write_map(pid_t pid, const char *file, const IdRange *ranges, size_t n_ranges) {
        char path[64], text[ID_RANGES_TEXT_SIZE];
        int r;

        r = id_ranges_to_text(ranges, n_ranges, text);
        if (r < 0)
                return r;

        (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file); /* always fits */
        return n_ranges > 0 ? io_write_file(AT_FDCWD, path, text) : 0;
}

int idmap_write(pid_t pid, const IdMap *map) {
        int r;

        r = write_map(pid, "uid_map", map->users, map->n_users);
        if (r < 0)
                return r;

        return write_map(pid, "gid_map", map->groups, map->n_groups);
}

/* Waits to be killed, or for its parent's death. Runs on a borrowed stack in the manager's own
 * memory: nothing but system calls without side effects on it here. Of the descriptors it has
 * copies, and locks must not live on in them. */
static int hold_namespace(void *parent) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)close_range(0, ~0U, 0);
        while (getppid() == *(const pid_t *)parent)
                (void)pause();
        _exit(EXIT_SUCCESS);
}

int idmap_open_namespace_of(pid_t pid) {
        char path[64];
        int fd;

        (void)snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid); /* always fits */
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int idmap_open_namespace(const IdMap *map) {
        _Alignas(16) char stack[4096];
        CLEANUP_CLOSE int fd = -EBADF;
        pid_t pid, parent = getpid();
        int r;

        /* CLONE_VM saves the copy of our page tables; the child lives only within this call. */
        pid = clone(hold_namespace, stack + sizeof stack, CLONE_VM | CLONE_NEWUSER | SIGCHLD,
                        &parent);
        if (pid < 0)
                return -errno;

        r = idmap_write(pid, map);
        if (r >= 0)
                r = fd = idmap_open_namespace_of(pid);

        /* Our own unreaped child: the pid cannot be another's. If it may not be killed, it is not
         * waited for: it sleeps in the kernel, touches no memory any more, and dies with us. */
        if (kill(pid, SIGKILL) < 0)
                return -errno;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;

        return r < 0 ? r : TAKE_FD(fd);
}
