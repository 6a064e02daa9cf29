# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads mountinfo."""

import dataclasses
import re
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Mount:
    """One line of mountinfo, without the numbers that change by themselves."""

    root: str
    point: str
    options: str
    propagation: str
    fstype: str
    source: str

    def __str__(self) -> str:
        kind = f" {self.propagation}" if self.propagation else ""
        return f"{self.point} ({self.fstype} {self.source}{self.root} {self.options}{kind})"


def _plain(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def table(pid: int | str) -> list[Mount]:
    """The mounts PID sees, in their order."""
    rows = []
    for line in Path(f"/proc/{pid}/mountinfo").read_text(encoding="utf-8").splitlines():
        left, _, right = line.partition(" - ")
        fields, tail = left.split(" "), right.split(" ")
        kinds = " ".join(field.split(":")[0] for field in fields[6:])
        rows.append(Mount(_plain(fields[3]), _plain(fields[4]), fields[5], kinds, tail[0], _plain(tail[1])))
    return rows


def find(pid: int | str, point: str) -> Mount | None:
    """The topmost mount at POINT, if there is one."""
    return next((row for row in reversed(table(pid)) if row.point == point), None)
