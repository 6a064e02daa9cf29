# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernel's programs that filter the device nodes of a control group, by bpf(2) itself."""

import ctypes
import os
import platform

_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
_LIBC = ctypes.CDLL(None, use_errno=True)
_DETACH, _GET_NEXT_ID, _GET_FD_BY_ID, _GET_INFO, _QUERY = 9, 11, 13, 15, 16
_CGROUP_DEVICE = 6
_ATTRIBUTES = 144

# What a shell says of a node: what it is, whose, and whether it can be read and written.
LOOK = "stat -c '%F %u %g %a %t:%T' {0}; : <{0} && echo read; : 2>/dev/null >>{0} && echo written"


def _call(command: int, attributes: bytes) -> tuple[int, bytes]:
    buffer = ctypes.create_string_buffer(attributes, _ATTRIBUTES)
    result = _LIBC.syscall(_BPF, command, buffer, _ATTRIBUTES)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "bpf")
    return result, buffer.raw


def _words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)


def _pointer(buffer) -> bytes:
    return ctypes.addressof(buffer).to_bytes(8, "little")


def ids(group: str) -> list[int]:
    """The programs of GROUP itself, a folder of cgroup2."""
    found = (ctypes.c_uint32 * 64)()
    folder = os.open(group, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _, answer = _call(_QUERY, _words(folder, _CGROUP_DEVICE, 0, 0) + _pointer(found) + _words(64))
    finally:
        os.close(folder)
    return list(found[: int.from_bytes(answer[24:28], "little")])


def name(program: int) -> str:
    """The name of a program, as its maker gave it."""
    info = ctypes.create_string_buffer(240)
    fd, _ = _call(_GET_FD_BY_ID, _words(program))
    try:
        _call(_GET_INFO, _words(fd, 232) + _pointer(info))
    finally:
        os.close(fd)
    return info.raw[64:80].rstrip(b"\0").decode()


def ours(group: str) -> list[int]:
    """Those of boot-tree."""
    return [program for program in ids(group) if name(program) == "boot_tree_dev"]


def everywhere() -> list[int]:
    """All programs of boot-tree that the kernel has."""
    found, last = [], 0
    while True:
        try:
            _, answer = _call(_GET_NEXT_ID, _words(last))
        except FileNotFoundError:
            return found
        last = int.from_bytes(answer[4:8], "little")
        if name(last) == "boot_tree_dev":
            found.append(last)


def detach(group: str, program: int) -> None:
    """Takes a program away from GROUP."""
    fd, _ = _call(_GET_FD_BY_ID, _words(program))
    folder = os.open(group, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _call(_DETACH, _words(folder, fd, _CGROUP_DEVICE))
    finally:
        os.close(folder)
        os.close(fd)
