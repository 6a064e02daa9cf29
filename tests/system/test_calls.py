# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which system calls a payload may use: what the kernel answers it, on each entry that programs have."""

import subprocess

import pytest

from beds import bare as bare_bed
from beds import proc

# Each line: a name and what the call gave, 0 or the number of the error. Nothing here does anything: where a call
# would be let through it fails for its arguments.
SOURCE = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long i386(long number, long a, long b, long c) {
        long r = number;

        __asm__ volatile("int $0x80" : "+a"(r) : "b"(a), "c"(b), "d"(c), "S"(0L), "D"(0L) : "memory");
        return r;
}

static void say(const char *name, long r) {
        printf("%s %ld\n", name, r < 0 && r > -4096 ? -r : 0);
}

#define CALL(number, ...) (syscall(number, __VA_ARGS__) < 0 ? -errno : 0)

int main(void) {
        say("keyctl", CALL(SYS_keyctl, 0, -3, 1));
        say("keyctl-i386", i386(288, 0, -3, 1));
        say("request_key", CALL(SYS_request_key, "user", "no:such", 0, 0));
        say("io_uring_setup", CALL(SYS_io_uring_setup, 1, 0));
        say("io_uring_setup-i386", i386(425, 1, 0, 0));
        say("userfaultfd", CALL(SYS_userfaultfd, 0x40000000));
        say("bpf", CALL(SYS_bpf, -1, 0, 0));
        say("swapoff", CALL(SYS_swapoff, "/no/such"));
        say("swapoff-i386", i386(115, 0, 0, 0));
        say("uselib", CALL(SYS_uselib, "/no/such"));
        say("unknown", CALL(1000, 0));
        say("unknown-i386", i386(1000, 0, 0, 0));
        say("getpid-x32", CALL(0x40000000 | SYS_getpid, 0));
        say("fsopen", CALL(430, "no-such-fs", 0));
        say("landlock", CALL(444, 0, 0, 1));
        say("unshare", CALL(SYS_unshare, 0));
        say("unix", CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
        say("netlink", CALL(SYS_socket, AF_NETLINK, SOCK_RAW, 0));
        say("audit", CALL(SYS_socket, AF_NETLINK, SOCK_RAW, 9));
        say("audit-other-half", CALL(SYS_socket, 0x100000000 | AF_NETLINK, SOCK_RAW, 0x500000009));
        say("alg", CALL(SYS_socket, AF_ALG, SOCK_SEQPACKET, 0));
        say("alg-i386", i386(359, AF_ALG, SOCK_SEQPACKET, 0));
        say("vsock", CALL(SYS_socket, AF_VSOCK, SOCK_STREAM, 0));
        say("can", CALL(SYS_socket, AF_CAN, SOCK_RAW, 1));
        say("socketcall-i386", i386(102, 1, 0, 0));
        say("socketcall-connect-i386", i386(102, 3, 0, 0));
        return 0;
}
"""

EPERM, ENOSYS, EAFNOSUPPORT, EFAULT = 1, 38, 97, 14
USERS = ("pick", "no")


@pytest.fixture(scope="module")
def tree(tree_cache):
    """A tree with the program /calls."""
    path = tree_cache.copy("minbase")
    subprocess.run(
        ["gcc", "-static", "-O1", "-x", "c", "-o", path / "calls", "-"], input=SOURCE, text=True, check=True
    )
    yield path
    bare_bed.paths.remove_tree(path)


@pytest.fixture
def answers(bare, tree):
    """What the calls give behind options."""

    def run(*options, **how):
        done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("calls"), *options, "/calls", **how).check()
        return {name: int(number) for name, number in (line.split() for line in done.stdout.splitlines())}

    return run


@pytest.mark.parametrize("form", ([], ["--as-pid2"], ["--uid=nobody"]), ids=("pid1", "pid2", "nobody"))
@pytest.mark.parametrize("users", USERS)
def test_calls_are_refused_alike_on_every_entry(answers, users, form):
    """What the kernel has for 32-bit programs is the same kernel; x32 is not there. What nobody knows is not there,
    and the C library does without; what is refused says so."""
    answer = answers(f"--private-users={users}", *form)
    refused = ("io_uring_setup", "io_uring_setup-i386", "userfaultfd", "bpf", "swapoff", "swapoff-i386")
    assert {name: answer[name] for name in refused} == dict.fromkeys(refused, EPERM)
    absent = ("keyctl", "keyctl-i386", "request_key", "uselib", "unknown", "unknown-i386", "getpid-x32")
    assert {name: answer[name] for name in absent} == dict.fromkeys(absent, ENOSYS)
    assert answer["unshare"] == 0
    assert not {answer["fsopen"], answer["landlock"]} & {ENOSYS}


@pytest.mark.parametrize("users", USERS)
def test_sockets_have_few_families(answers, users):
    """CVE-2026-31431, by AF_ALG: one fix forgot the entry of i386, the next took all sockets from its programs.
    CVE-2019-10063: one that compared more of an argument than the kernel does."""
    answer = answers(f"--private-users={users}")
    assert (answer["unix"], answer["netlink"]) == (0, 0)
    refused = ("audit", "audit-other-half", "alg", "alg-i386", "vsock", "can")
    assert {name: answer[name] for name in refused} == dict.fromkeys(refused, EAFNOSUPPORT)
    assert (answer["socketcall-i386"], answer["socketcall-connect-i386"]) == (ENOSYS, EFAULT)


def test_calls_and_families_are_added_and_taken_away(answers):
    lists = ("--system-call-filter=keyctl @io-uring unshare", "--system-call-filter=~unshare @swap")
    families = ("--restrict-address-families=default AF_CAN", "--restrict-address-families=~AF_NETLINK")
    answer = answers(*lists, *families)
    assert (answer["keyctl"], answer["keyctl-i386"], answer["request_key"]) == (0, 0, ENOSYS)
    assert {answer["io_uring_setup"], answer["io_uring_setup-i386"]} == {EFAULT}
    assert (answer["unshare"], answer["swapoff"], answer["unix"]) == (EPERM, EPERM, 0)
    assert (answer["netlink"], answer["alg"], answer["socketcall-i386"]) == (EAFNOSUPPORT, EAFNOSUPPORT, ENOSYS)
    assert answer["can"] not in (0, ENOSYS, EPERM)


def test_programs_of_32_bits_open_sockets_where_they_are_at_home(answers):
    assert answers("--personality=x86")["socketcall-i386"] == EFAULT
    assert answers("--restrict-address-families=any")["socketcall-i386"] == EFAULT
    assert answers("--personality=x86", "--restrict-address-families=AF_UNIX")["socketcall-i386"] == ENOSYS


def test_the_stub_init_is_behind_the_filter_too(bare, tree):
    done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("calls"), "-a", "grep", "^Seccomp:", "/proc/1/status").check()
    assert done.stdout.split() == ["Seccomp:", "2"]


@pytest.mark.parametrize("form", ([], ["--as-pid2"]), ids=("pid1", "pid2"))
@pytest.mark.parametrize("error", ("EINVAL", "ENOMEM"))
def test_without_its_filter_nothing_starts(bare, tree, error, form):
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject=seccomp:error={error}"]
    words = [bare.program, "-q", "-D", tree, "-M", bare_bed.new_name("calls"), *form, "/calls"]
    done = proc.run(*inject, *words)
    assert done.status != 0 and "Failed to filter system calls" in done.stderr, done
    assert done.stdout == ""


def test_a_tracer_inside_can_skip_a_call(bare, tree):
    source = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
        struct user_regs_struct registers;
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                ptrace(PTRACE_TRACEME, 0, 0, 0);
                raise(SIGSTOP);
                _exit(syscall(SYS_getppid) == 42 ? 0 : 1);
        }
        waitpid(pid, &status, 0);
        for (;;) {
                ptrace(PTRACE_SYSCALL, pid, 0, 0);
                waitpid(pid, &status, 0);
                if (!WIFSTOPPED(status))
                        return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
                ptrace(PTRACE_GETREGS, pid, 0, &registers);
                if (registers.orig_rax == SYS_getppid) {
                        registers.orig_rax = -1;
                        registers.rax = 42;
                        ptrace(PTRACE_SETREGS, pid, 0, &registers);
                        ptrace(PTRACE_CONT, pid, 0, 0);
                        waitpid(pid, &status, 0);
                        return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
                }
        }
}
"""
    subprocess.run(["gcc", "-static", "-x", "c", "-o", tree / "skip", "-"], input=source, text=True, check=True)
    bare.run("-q", "-D", tree, "-M", bare_bed.new_name("calls"), "/skip").check()


def test_a_variable_lifts_the_filter_for_nspawn_only(bare, tree, answers, tmp_path):
    assert answers(env={"SYSTEMD_SECCOMP": "0"})["io_uring_setup"] == EPERM
    link = tmp_path / "systemd-nspawn"
    link.symlink_to(bare.program)
    words = [link, "-q", "-D", tree, "-M", bare_bed.new_name("calls"), "--register=no", "--pipe", "/calls"]
    for value, wanted in ("1", EPERM), ("0", EFAULT):
        done = proc.run(*words, env={"SYSTEMD_SECCOMP": value}).check()
        assert f"io_uring_setup {wanted}\n" in done.stdout
