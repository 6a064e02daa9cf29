# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python functions run inside a machine, as its root: exact error numbers, and no need of programs in its tree."""

import ctypes
import errno
import os
import pickle
import signal
import traceback
from pathlib import Path

from beds import cgroups

KINDS = {
    "user": 0x10000000,
    "mnt": 0x00020000,
    "pid": 0x20000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "net": 0x40000000,
    "cgroup": 0x02000000,
    "time": 0x00000080,
}
_LIBC = ctypes.CDLL(None, use_errno=True)

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MNT_DETACH = 2


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def mount(source: str, target: str, fstype: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """mount(2)."""
    words = [text.encode() if text is not None else None for text in (source, target, fstype)]
    _check(_LIBC.mount(*words, ctypes.c_ulong(flags), data.encode() if data else None), target)


def umount(target: str, flags: int = MNT_DETACH) -> None:
    """umount2(2)."""
    _check(_LIBC.umount2(target.encode(), flags), target)


def unshare(flags: int) -> None:
    """unshare(2)."""
    _check(_LIBC.unshare(flags), "unshare")


def refusal(function, *args) -> str:
    """The name of the error that FUNCTION ends with, or "" if it succeeds."""
    try:
        function(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    return ""


def open_for_writing(path: str) -> None:
    """Opens a file only to see whether that is allowed. Nothing is written."""
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))


def namespaces(pid: int | str) -> dict[str, str]:
    """The namespaces of a process, by kind."""
    return {kind: os.readlink(f"/proc/{pid}/ns/{kind}") for kind in KINDS}


def _enter(leader: int) -> None:
    own, its = namespaces("self"), namespaces(leader)
    flags = sum(bit for kind, bit in KINDS.items() if own[kind] != its[kind])
    group = cgroups.of_process(leader)
    cgroups.join(group)
    pidfd = os.pidfd_open(leader)
    # A new user namespace makes us its full root, but only once our ids are those of its root.
    _check(_LIBC.setns(pidfd, flags), "setns")
    os.close(pidfd)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.chdir("/")


def _work(leader: int, function, args, writer: int, timeout: int) -> None:
    answer: tuple = (False, "nothing")
    try:
        _enter(leader)
        child = os.fork()
        if child > 0:
            os.waitpid(child, 0)
            os._exit(0)
        signal.alarm(timeout)
        answer = (True, function(*args))
    except BaseException:
        answer = (False, traceback.format_exc())
    with open(writer, "wb") as handle:
        pickle.dump(answer, handle)
    os._exit(0)


def call(leader: int, function, *args, timeout: int = 10):
    """What FUNCTION(*ARGS) returns when root of the machine calls it, in all of its namespaces and its cgroup.

    The caller has every capability in the machine's user namespace: at least as many as PID 1."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _work(leader, function, args, writer, timeout)
    os.close(writer)
    with open(reader, "rb") as handle:
        data = handle.read()
    os.waitpid(child, 0)
    assert data, f"{function.__name__} did not end within {timeout} s inside"
    is_good, value = pickle.loads(data)
    assert is_good, value
    return value


def read(path: str) -> str:
    """A text file, for use with call()."""
    return Path(path).read_text(encoding="utf-8", errors="replace")
