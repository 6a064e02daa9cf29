/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The last steps before the payload's program runs: from here on every system call may be its own,
 * so what it must not have goes first: capabilities, descriptors, user, resources. The filter of
 * system calls comes last, with nothing but the exec behind it: it may refuse what we do here.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "base/capability.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "container/inside.h"
#include "sys/credentials.h"
#include "sys/kernel.h"
#include "sys/rootpath.h"
#include "sys/seccomp.h"
#include "sys/security-label.h"
#include "sys/terminal-typing.h"
#include "sys/terminal.h"

static int attach_console(Inside *inside) {
        int r;

        if (setsid() < 0 && errno != EPERM) /* EPERM: we lead a session already */
                return log_error_errno(-errno, "Failed to make a session");
        if (inside->console_fd < 0)
                return 0;

        /* An init gets none, as from the kernel: its gettys claim the console for themselves. */
        r = inside->plan->process.kind == PROCESS_BOOT
                            ? 0
                            : terminal_make_controlling(inside->console_fd);
        for (int fd = STDIN_FILENO; r >= 0 && fd <= STDERR_FILENO; fd++)
                if (dup2(inside->console_fd, fd) < 0)
                        r = -errno;
        if (r < 0)
                return log_error_errno(r, "Failed to attach the console");

        return 0;
}

/* Everything but 0 to 2 and the sockets passed in closes on exec. */
static int keep_descriptors(const ProcessPlan *process) {
        unsigned n = process->n_listen_fds;

        if (close_range(3 + n, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
                return log_error_errno(-errno, "Failed to close descriptors");

        for (unsigned fd = 3; fd < 3 + n; fd++)
                if (fcntl((int)fd, F_SETFD, 0) < 0)
                        return log_error_errno(-errno, "Failed to pass socket %u on", fd);

        return 0;
}

int inside_install_filter(const CallFilter *filter) {
        int r = seccomp_install(filter);

        if (r == -ENOSYS)
                return log_error_errno(r, "Failed to filter system calls, this kernel cannot");
        if (r == -E2BIG)
                return log_error_errno(r, "Failed to filter system calls, "
                                          "--system-call-filter= makes too many exceptions");
        if (r < 0)
                return log_error_errno(r, "Failed to filter system calls");

        return 0;
}

static const char *label_hint(SecurityModule module, int r) {
        return r == -EACCES || r == -EPERM                   ? "the policy forbids it"
               : module == SECURITY_SELINUX && r == -EINVAL  ? "the policy knows no such label"
               : module == SECURITY_APPARMOR && r == -ENOENT ? "no such profile is loaded"
                                                             : NULL;
}

static int set_label(SecurityModule module, const char *label) {
        CLEANUP_CLOSE int proc_fd = -EBADF;
        int r;

        if (!label)
                return 0;

        proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = proc_fd < 0 ? -errno : security_set_exec_label(proc_fd, module, label);
        if (r < 0)
                return log_error_hint(r, label_hint(module, r),
                                module == SECURITY_SELINUX
                                                ? "Failed to set the SELinux context '%s'"
                                                : "Failed to set the AppArmor profile '%s'",
                                label);

        return 0;
}

int inside_confine(Inside *inside, uint64_t capabilities) {
        const PrivilegePlan *privileges = &inside->plan->privileges;
        int r;

        r = credentials_limit_capabilities(capabilities);
        if (r < 0)
                return log_error_errno(r, "Failed to limit capabilities");
        if (privileges->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return log_error_errno(-errno, "Failed to forbid new privileges");

        if (privileges->personality != ARCHITECTURE_UNKNOWN && personality(PER_LINUX32) < 0)
                return log_error_errno(-errno, "Failed to set the personality");

        r = privileges->forbids_typing ? terminal_forbid_typing() : 0;
        if (r < 0)
                return log_error_errno(r, "Failed to forbid typing into our terminal");

        return 0;
}

/* Of the program alone: the stub is one of ours, and stays what we are. */
static int set_labels(const PrivilegePlan *privileges) {
        int r;

        r = set_label(SECURITY_SELINUX, privileges->selinux_context);
        if (r >= 0)
                r = set_label(SECURITY_APPARMOR, privileges->apparmor_profile);
        return r;
}

static int become_user(Inside *inside) {
        const PrivilegePlan *privileges = &inside->plan->privileges;
        const InsideUser *user = &inside->user;
        /* Without it nobody may install a filter. */
        uint64_t until_exec = privileges->call_filter.is_on ? CAPABILITY_BIT(CAP_SYS_ADMIN) : 0;
        int r;

        if (privileges->ambient_capabilities != 0 || until_exec != 0)
                (void)prctl(PR_SET_KEEPCAPS, 1); /* until the exec; cannot fail */
        r = credentials_become(user->uid, user->gid, user->groups, user->n_groups);
        if (r < 0)
                return log_error_errno(r, "Failed to become user '%s'", user->name);
        r = credentials_settle_capabilities(
                        privileges->capabilities, privileges->ambient_capabilities, until_exec);
        if (r < 0)
                return log_error_errno(r, "Failed to give up capabilities");

        return 0;
}

/* The kernel forgets this at a change of ids, so it comes late; a manager that died before has
 * closed its end of the handshake. */
int inside_die_with_manager(const Inside *inside) {
        struct pollfd poll_fd = { .fd = inside->fd, .events = POLLIN };

        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return log_error_errno(-errno, "Failed to tie the payload to the manager");
        if (poll(&poll_fd, 1, 0) > 0 && poll_fd.revents & POLLHUP)
                _exit(EXIT_FAILURE);

        return 0;
}

static void reset_signals(void) {
        sigset_t none;

        for (int i = 1; i <= SIGRTMAX; i++)
                (void)signal(i, SIG_DFL); /* KILL, STOP and glibc's own two refuse */
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */
}

static char **make_environment(Inside *inside) {
        const ProcessPlan *process = &inside->plan->process;
        const InsideUser *user = &inside->user;
        Arena *arena = inside->arena;
        StringList list = { 0 };

        for (size_t i = 0; i < process->environment.n_items; i++)
                string_list_add(arena, &list, process->environment.items[i]);
        string_list_add(arena, &list, arena_printf(arena, "HOME=%s", user->home));
        string_list_add(arena, &list, arena_printf(arena, "USER=%s", user->name));
        string_list_add(arena, &list, arena_printf(arena, "LOGNAME=%s", user->name));
        for (size_t i = 0; i < process->user_environment.n_items; i++)
                string_list_set_variable(arena, &list, process->user_environment.items[i]);
        return (char **)list.items;
}

/* No magic link is followed: the working directory lies in the tree, whatever the tree says. */
static int enter_directory(const char *path) {
        CLEANUP_CLOSE int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;

        fd = rootpath_open(root_fd, path, O_PATH | O_DIRECTORY, 0);
        if (fd < 0)
                return fd;

        return fchdir(fd) < 0 ? -errno : 0;
}

static int change_directory(const Inside *inside) {
        const ProcessPlan *process = &inside->plan->process;
        int r;

        if (!process->chdir) {
                /* A home that is not there leaves us in "/", as a login does. */
                r = process->kind == PROCESS_SHELL ? enter_directory(inside->user.home) : 0;
                if (r < 0)
                        log_debug_errno(r, "Failed to change to '%s'", inside->user.home);
                return 0;
        }

        r = enter_directory(process->chdir);
        if (r < 0)
                return log_error_errno(
                                r, "Failed to change to '%s' inside the tree", process->chdir);
        return 0;
}

static void try_program(Inside *inside, const char *program, const char *name, int *error) {
        const StringList *arguments = &inside->plan->process.arguments;
        char **argv = arena_allocate(inside->arena, (arguments->n_items + 2) * sizeof(char *));

        argv[0] = (char *)name;
        for (size_t i = 0; i < arguments->n_items; i++)
                argv[i + 1] = (char *)arguments->items[i];

        (void)execvp(program, argv);
        /* The first reason that says more than "not there" is the one to tell. */
        if (*error == 0 || *error == -ENOENT)
                *error = -errno;
}

static int run_programs(Inside *inside) {
        const ProcessPlan *process = &inside->plan->process;
        const char *shell = inside->user.shell;
        int error = 0;

        if (process->kind == PROCESS_SHELL && !text_is_empty(shell))
                try_program(inside, shell,
                                arena_printf(inside->arena, "-%s", path_last(inside->arena, shell)),
                                &error);
        for (size_t i = 0; i < process->programs.n_items; i++) {
                const char *program = process->programs.items[i];
                const char *name =
                                process->kind == PROCESS_SHELL
                                                ? arena_printf(inside->arena, "-%s",
                                                                  path_last(inside->arena, program))
                                                : program;

                try_program(inside, program, name, &error);
        }

        if (process->kind == PROCESS_BOOT)
                return log_error_errno(error, "Failed to run an init in '%s'", inside->plan->root);
        if (process->kind == PROCESS_SHELL)
                return log_error_errno(error, "Failed to run a shell in '%s'", inside->plan->root);
        return log_error_errno(error, "Failed to run '%s' in '%s'", process->programs.items[0],
                        inside->plan->root);
}

int inside_exec(Inside *inside) {
        int r;

        r = inside_fork_stub(inside);
        if (r >= 0)
                r = inside_confine(inside, inside->plan->privileges.capabilities);
        if (r >= 0)
                r = set_labels(&inside->plan->privileges);
        if (r >= 0)
                r = attach_console(inside);
        if (r >= 0)
                r = keep_descriptors(&inside->plan->process);
        if (r >= 0)
                r = become_user(inside);
        if (r >= 0)
                r = change_directory(inside);
        if (r >= 0 && !inside->plan->process.has_stub_init)
                r = inside_die_with_manager(inside);
        if (r < 0)
                return r;

        environ = make_environment(inside);
        reset_signals();
        r = inside_limit(inside);
        if (r >= 0)
                r = inside_install_filter(&inside->plan->privileges.call_filter);
        if (r < 0)
                return r;

        return run_programs(inside);
}
