# SPDX-License-Identifier: LGPL-2.1-or-later
"""The oracle "nothing is left": one snapshot before a test, one after; the difference must be empty."""

import contextlib
import dataclasses
import fcntl
import fnmatch
import os
import re
import signal
import struct
import subprocess
import time
from pathlib import Path

from beds import mounts, paths, proc

# What may appear and stay. kind: pattern of the item → why. Everything else that is new is a failure.
# Folders are only excused as such: their contents are items of their own.
ALLOWED = {
    "file": {
        "/run/boot-tree/": "the folder of all state records, empty",
        "/run/systemd/nspawn/": "shared with nspawn, which keeps it too; empty",
        "/run/systemd/nspawn/locks/": "the same",
        "/run/systemd/nspawn/propagate/": "the same",
        "/run/systemd/nspawn/unix-export/": "the same",
        "/run/systemd/nspawn-uid/": "the same",
        "/run/systemd/transient/": "systemd's folder of transient units, empty",
        "/run/systemd/system.control/": "the same, of properties that were set",
        "/run/systemd/machines/": "machined's folder, empty",
        "/run/systemd/machine/": "machined's sockets",
        "/run/systemd/machine/io.systemd*": "machined's sockets",
        "/run/systemd/machines/.*lock": "machined's own lock",
        "/run/systemd/userdb/io.systemd.Machine": "machined's socket",
        "/run/systemd/resolve.hook/io.systemd.Machine": "machined's socket",
    },
    "cgroup": {
        "*/machine.slice": "slices stay until systemd has a reason to stop them",
        "*/system.slice/system-boot*tree.slice": "the same, of template units",
        "*/system.slice/systemd-*.service": "services of the host that start on demand",
        "*/system.slice/systemd-*.service/*": "and their own groups",
        "*/system.slice/system-systemd*.slice": "slices of templates of systemd itself",
        "*/system.slice/dbus*.service": "the same",
    },
    "unit": {
        "machine.slice *": "slices stay until systemd has a reason to stop them",
        "system-boot*tree.slice *": "the same",
        "system-systemd*.slice *": "the same",
        "systemd-*.service *": "services of the host that start on demand",
        "systemd-*.socket *": "and their sockets",
        "*.timer *": "timers of the distribution come and go by themselves",
    },
    "process": {
        "*systemd-*": "services of the host that start on demand",
        "*(sd-*": "helpers of the host's systemd",
        "*dbus-daemon*": "the host's bus",
    },
}

# Where files of ours, or of nspawn's, can stay behind. "**" means: with everything below.
PLACES = (
    "/run/boot-tree/**",
    "/run/systemd/nspawn/**",
    "/run/systemd/nspawn-uid/**",
    "/run/systemd/machines/**",
    "/run/systemd/machine/**",
    "/run/systemd/transient/**",
    "/run/systemd/system.control/**",
    "/run/netns/**",
    "/run/boot-tree*",
    "/run/*nspawn*",
    "/run/systemd/*nspawn*",
    "/run/host",
    "/tmp/*boot-tree*",
    "/tmp/*nspawn*",
    "/var/tmp/*boot-tree*",
    "/var/tmp/*nspawn*",
    "/var/lib/machines/*",
    "/var/lib/machines/.#*",
    "/var/lib/boot-tree*",
)

LOOP_GET_STATUS64, LOOP_INFO64_SIZE = 0x4C05, 232


@dataclasses.dataclass(frozen=True)
class View:
    """Whose world is looked at: a process of it, and how its files are reached from here."""

    name: str
    pid: str = "self"
    root: str = ""
    own_groups: tuple[str, ...] = ()
    units: object = None
    machines: object = None

    @property
    def is_this_machine(self) -> bool:
        return self.root == ""


def _cgroups(view: View) -> set[str]:
    found = set()
    for row in mounts.table(view.pid):
        if row.fstype not in ("cgroup", "cgroup2"):
            continue
        for folder, names, _ in os.walk(view.root + row.point):
            here = folder[len(view.root) :]
            names[:] = [name for name in names if name not in view.own_groups]
            found.update(f"{here}/{name}" for name in names)
    return found


def _below(root: str, folder: str) -> set[str]:
    """What is in a folder; of a file system mounted below it only that: what it holds goes with it."""
    found = set()
    for here, folders, files in os.walk(f"{root}{folder}"):
        inner = here[len(root) :]
        found.update(f"{inner}/{name}/" for name in folders)
        found.update(f"{inner}/{name}" for name in files)
        folders[:] = [name for name in folders if not os.path.ismount(f"{here}/{name}")]
    return found


def _matching(root: str, pattern: str) -> set[str]:
    if pattern.endswith("/**"):
        folder = pattern[:-3]
        return {folder + "/"} | _below(root, folder) if os.path.isdir(root + folder) else set()
    folder, _, glob = pattern.rpartition("/")
    try:
        names = os.listdir(root + folder)
    except OSError:
        return set()
    found = (f"{folder}/{name}" for name in names if fnmatch.fnmatchcase(name, glob))
    return {path + "/" if os.path.isdir(root + path) else path for path in found}


def _files(view: View) -> set[str]:
    found = set()
    for place in PLACES:
        found |= _matching(view.root, place)
    if view.is_this_machine:
        found |= {str(path) for path in paths.work_dir().iterdir() if path.name != "shared"}
    return found


def _descendants(pid: int) -> set[int]:
    found, todo = set(), [pid]
    while todo:
        here = todo.pop()
        try:
            tasks = os.listdir(f"/proc/{here}/task")
        except OSError:
            continue
        for task in tasks:
            try:
                text = Path(f"/proc/{here}/task/{task}/children").read_text(encoding="ascii")
            except OSError:
                continue
            new = {int(child) for child in text.split()} - found
            found |= new
            todo += new
    return found


def _describe(pid: str, folder: str, home: str) -> str | None:
    try:
        name = Path(f"{folder}/comm").read_text(encoding="utf-8", errors="replace").strip()
        state = re.search(r"\) (\S)", Path(f"{folder}/stat").read_text(encoding="utf-8", errors="replace"))
        line = Path(f"{folder}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        space = os.readlink(f"{folder}/ns/pid")
    except OSError:
        return None
    where = "" if space == home else "(in a pid namespace of its own) "
    return f"{pid} {where}{name} [{state[1] if state else '?'}] {line[:120]}"


def _processes(view: View) -> set[str]:
    if view.is_this_machine:
        # We are a subreaper: whatever a test started and lost is our child by now.
        proc.reap_orphans()
        pids = {pid for pid in _descendants(os.getpid()) if not _is_of_a_bed(pid, view)}
    else:
        # All but its init, whose command line says so after it has executed itself anew.
        pids = {pid for pid in os.listdir(f"{view.root}/proc") if pid.isdigit() and pid != "1"}
    home = os.readlink(f"/proc/{view.pid}/ns/pid")
    texts = (_describe(str(pid), f"{view.root}/proc/{pid}", home) for pid in pids)
    return {text for text in texts if text}


def _is_of_a_bed(pid: int, view: View) -> bool:
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return True
    return any(f"/{group}" in groups for group in view.own_groups)


def _loops() -> set[str]:
    """The loop devices in use. A file of another session is known by its file system: its path may be a host's."""
    found, others = set(), {os.stat(path).st_dev for path in paths.other_sessions() if os.path.ismount(path)}
    for path in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError), open(f"/dev/{path.parts[3]}", "rb") as device:
            status = fcntl.ioctl(device, LOOP_GET_STATUS64, bytes(LOOP_INFO64_SIZE))
            if struct.unpack_from("Q", status)[0] not in others:
                found.add(f"{path.parts[3]} {path.read_text(encoding='utf-8').strip()}")
    return found


def _devices(view: View) -> set[str]:
    found = {f"netdev {line.split(':')[0].strip()}" for line in _lines(f"/proc/{view.pid}/net/dev")[2:]}
    if view.is_this_machine:
        found |= _loops()
        found |= {path.name for path in Path("/sys/block").glob("dm-*")}
    return found


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def _mounts(view: View) -> set[str]:
    found: set[str] = set()
    for row in mounts.table(view.pid):
        text, number = str(row), 1
        while text in found:
            number += 1
            text = f"{row} #{number}"
        found.add(text)
    return found


def snapshot(view: View) -> dict[str, set[str]]:
    """Everything that could be left, by kind."""
    return {
        "mount": _mounts(view),
        "cgroup": _cgroups(view),
        "device": _devices(view),
        "process": _processes(view),
        "file": _files(view),
        "unit": set(view.units()) if view.units else set(),
        "machine": set(view.machines()) if view.machines else set(),
    }


def _is_allowed(kind: str, item: str, view: View) -> bool:
    if kind == "process" and (view.is_this_machine or "in a pid namespace of its own" in item):
        return False
    return any(fnmatch.fnmatchcase(item, pattern) for pattern in ALLOWED.get(kind, {}))


def _is_ours(kind: str, item: str, view: View) -> bool:
    words = paths.SESSION_WORD.findall(item)
    if words and paths.SESSION not in words:
        return False  # of a session that runs beside this one
    # Where somebody else works on this machine too, what does not carry our session's word is theirs.
    if not view.is_this_machine or kind == "process" or not os.environ.get("BOOT_TREE_SHARED_MACHINE"):
        return True
    return paths.SESSION in item


def difference(before: dict, view: View) -> list[str]:
    """What is new, and what is gone, compared with BEFORE."""
    after = snapshot(view)
    rows = []
    for kind, old in before.items():
        for word, items in (("left", after[kind] - old), ("gone", old - after[kind])):
            if word == "gone" and kind not in ("mount", "device"):
                continue
            for item in sorted(items):
                if _is_allowed(kind, item, view) or not _is_ours(kind, item, view):
                    continue
                rows.append(f"{view.name}: {word} {kind}: {item}")
    return rows


def wait_until_clean(befores: list[tuple[View, dict]], timeout: float = 5) -> list[str]:
    """Polls until nothing is left, at most TIMEOUT; returns what is."""
    deadline = time.monotonic() + timeout
    while True:
        rows = [row for view, before in befores for row in difference(before, view)]
        if not rows or time.monotonic() > deadline:
            return rows
        time.sleep(0.1)


def clean_up(before: dict, view: View) -> None:
    """Ends and removes what a test left on this machine, so that it does not outlive the session."""
    for pid in _descendants(os.getpid()):
        text = _describe(str(pid), f"/proc/{pid}", os.readlink("/proc/self/ns/pid"))
        if text and text not in before["process"] and not _is_of_a_bed(pid, view):
            os.kill(pid, signal.SIGKILL)
    proc.reap_orphans()
    groups = {path for path in _cgroups(view) - before["cgroup"] if _is_ours("cgroup", path, view)}
    for path in groups:
        if os.path.exists(f"{path}/cgroup.kill"):
            Path(f"{path}/cgroup.kill").write_text("1", encoding="ascii")
    deadline = time.monotonic() + 5
    while groups and time.monotonic() < deadline:
        proc.reap_orphans()
        for path in sorted(groups, key=len, reverse=True):
            with contextlib.suppress(OSError):
                os.rmdir(path)
        groups = {path for path in groups if os.path.isdir(path)}
        time.sleep(0.02)
    for row in reversed(mounts.table("self")):
        if paths.SESSION in row.point and str(row) not in before["mount"]:
            subprocess.run(["umount", "--lazy", row.point], check=False)
    for path in sorted(_files(view) - before["file"]):
        if path.startswith(("/run/", str(paths.work_dir()))) and not _is_allowed("file", path, view):
            if _is_ours("file", path, view):
                paths.remove_tree(Path(path))
