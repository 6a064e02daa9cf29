# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where things are: the checkout, the cache outside of it, and this session's work folder."""

import fcntl
import functools
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import time
import uuid
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("BOOT_TREE_CACHE", "/var/cache/boot-tree-tests"))

# Every name, folder and cgroup the tests make contains this word, so that what is left can be told apart.
SESSION = "bt" + uuid.uuid4().hex[:6]
SESSION_WORD = re.compile(r"(?<![0-9a-z])bt[0-9a-f]{6}(?![0-9a-f])")
_numbers = itertools.count(1)

KEEP_SECONDS = 3 * 86400
# A session has up to MEMORY_NEED bytes in its work folder; twice that has to be free for it to be in memory. tmpfs
# can do all that a tree needs since Linux 6.6: ids mapped by its mount, and attributes of all users.
MEMORY_NEED = 4 << 30
MEMORY_KERNEL = (6, 6)


def unique(word: str) -> str:
    """A name that nothing else has, of this session or of another."""
    return f"{SESSION}-{word}-{next(_numbers):04x}"


def build_root() -> Path:
    """Folder of all builds of this checkout; other checkouts have their own."""
    key = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return CACHE / f"build-{key}"


def build_dir() -> Path:
    """The build under test: $BOOT_TREE_BUILD, or the gcc build that tests/run makes."""
    return Path(os.environ.get("BOOT_TREE_BUILD", build_root() / "gcc"))


def boot_tree() -> Path:
    """The program under test."""
    for path in (build_dir() / "boot-tree", build_dir() / "src" / "boot-tree"):
        if path.exists():
            return path
    return build_dir() / "boot-tree"


def remove_tree(path: Path) -> None:
    """Removes a tree, but never crosses into another file system. What cannot be removed is left to the oracle."""
    for _ in range(3):
        done = subprocess.run(
            ["rm", "-rf", "--one-file-system", "--", str(path)], check=False, capture_output=True, text=True
        )
        if done.returncode == 0:
            return
        # The payload may have made files immutable, or a process that was lost still writes here.
        subprocess.run(["chattr", "-R", "-f", "-i", "-a", str(path)], check=False, stderr=subprocess.DEVNULL)
    print(f"Failed to remove {path}: {done.stderr}")


def forget_old(folder: Path, pattern: str) -> None:
    """Removes files of the cache that nobody has used for some days. Other checkouts may need other versions."""
    for path in folder.glob(pattern):
        if time.time() - path.stat().st_mtime > KEEP_SECONDS:
            path.unlink(missing_ok=True)


def _has_memory() -> bool:
    numbers = os.uname().release.split(".")[:2]
    if tuple(int(re.match(r"\d+", number)[0]) for number in numbers) < MEMORY_KERNEL:
        return False
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    return int(re.search(r"MemAvailable: *(\d+) kB", text)[1]) * 1024 >= 2 * MEMORY_NEED


def _remove_work(path: Path) -> None:
    while os.path.ismount(path):
        subprocess.run(["umount", "--lazy", str(path)], check=True)
    remove_tree(path)


class _Work:
    """The session's folder below the cache; holds a lock as long as the session lives."""

    def __init__(self) -> None:
        top = CACHE / "work"
        top.mkdir(parents=True, exist_ok=True)
        self.sweep(top)
        self.path = top / SESSION
        self.path.mkdir(mode=0o755)
        self.lock_fd = os.open(top / f"{SESSION}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.lock_fd, fcntl.LOCK_EX)

    def put_in_memory(self) -> None:
        """To be called while the folder is empty."""
        options = f"mode=755,size={MEMORY_NEED}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "boot-tree-tests", str(self.path)], check=True)

    @staticmethod
    def sweep(top: Path) -> None:
        """Removes what sessions left that were killed."""
        for lock in top.glob("*.lock"):
            with open(lock, "rb") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                _remove_work(top / lock.stem)
                lock.unlink(missing_ok=True)

    def done(self) -> None:
        _remove_work(self.path)
        (self.path.parent / f"{SESSION}.lock").unlink(missing_ok=True)
        os.close(self.lock_fd)


@functools.cache
def _work() -> _Work:
    return _Work()


def work_in_memory() -> None:
    """To be called before the first use of the session's folder: it is in memory from then on, if there is enough.

    Trees are copied several times as fast there, and a guest that syncs as it ends waits for no disk."""
    if _has_memory():
        _work().put_in_memory()


def work_dir() -> Path:
    """The session's own folder, made at first use."""
    return _work().path


def other_sessions() -> list[Path]:
    """The folders of the sessions that run beside this one."""
    return [path for path in work_dir().parent.iterdir() if path.is_dir() and path.name != SESSION]


def work_done() -> None:
    """Removes the session's folder, if it was ever made."""
    if _work.cache_info().currsize:
        _work().done()
        _work.cache_clear()


def need_tools(*names: str) -> None:
    """Fails with one line if a program is missing: tests/lib/install brings them all."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise RuntimeError(f"Missing programs: {' '.join(missing)}; run tests/lib/install all")
