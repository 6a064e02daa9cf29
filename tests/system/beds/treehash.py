# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a folder holds, to see afterwards that nobody touched it."""

import os
import stat
from pathlib import Path


def _row(path: str) -> tuple:
    st = os.lstat(path)
    content = ""
    if stat.S_ISLNK(st.st_mode):
        content = os.readlink(path)
    row = (oct(st.st_mode), st.st_uid, st.st_gid, st.st_size, st.st_mtime_ns, st.st_nlink, content)
    return row + tuple((name, os.getxattr(path, name, follow_symlinks=False)) for name in _names(path))


def _names(path: str) -> list[str]:
    return sorted(os.listxattr(path, follow_symlinks=False))


def snapshot(folder: Path) -> dict[str, tuple]:
    """Everything below FOLDER and itself, by path: mode, owners, size, time, links, target, attributes."""
    found = {".": _row(str(folder))}
    for here, folders, names in os.walk(folder):
        for name in folders + names:
            path = f"{here}/{name}"
            found[os.path.relpath(path, folder)] = _row(path)
    return found


def difference(before: dict[str, tuple], after: dict[str, tuple]) -> list[str]:
    """What is new, gone or changed."""
    rows = [f"new: {path}" for path in sorted(after.keys() - before.keys())]
    rows += [f"gone: {path}" for path in sorted(before.keys() - after.keys())]
    common = sorted(before.keys() & after.keys())
    changed = [path for path in common if before[path] != after[path]]
    return rows + [f"changed: {path} {before[path]} → {after[path]}" for path in changed]
