# SPDX-License-Identifier: LGPL-2.1-or-later
"""Control groups of this machine, as far as the beds need them. Mounts are never touched."""

import os
import time
from pathlib import Path

from beds import mounts


def unified() -> Path:
    """Where cgroup2 is mounted here."""
    points = [row.point for row in mounts.table("self") if row.fstype == "cgroup2"]
    if not points:
        raise RuntimeError("cgroup2 is not mounted on this machine")
    return Path(points[0])


def of_process(pid: int | str) -> Path:
    """The cgroup2 folder PID is in, as a path of this machine."""
    text = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    for line in text.splitlines():
        number, _, path = line.split(":", 2)
        if number == "0":
            return Path(str(unified()) + path)
    raise RuntimeError(f"Process {pid} is in no cgroup2")


def make(name: str) -> Path:
    """A new group directly below the root."""
    path = unified() / name
    path.mkdir()
    return path


def join(path: Path) -> None:
    """Moves the calling process into the group; to be called between fork and exec."""
    with open(path / "cgroup.procs", "w", encoding="ascii") as handle:
        handle.write("0")


def remove(path: Path, timeout: float = 5) -> None:
    """Kills what is in the group and removes it with all groups below, in all hierarchies: systemd and
    nspawn mirror what they make in cgroup2 in systemd's own hierarchy of version 1."""
    if (path / "cgroup.kill").exists():
        (path / "cgroup.kill").write_text("1", encoding="ascii")
    inner = path.relative_to(unified())
    points = {row.point for row in mounts.table("self") if row.fstype in ("cgroup", "cgroup2")}
    folders = [Path(point) / inner for point in points]
    deadline = time.monotonic() + timeout
    while any(folder.exists() for folder in folders):
        for top in folders:
            for folder, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"The cgroup '{path}' cannot be removed")
        time.sleep(0.02)
