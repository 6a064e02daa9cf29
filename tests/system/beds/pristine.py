# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pristine minimal Debian 12: what `mmdebstrap --variant=minbase` makes and nothing else, with the checkout in it.

It has no init; commands run in it one by one, each in a container of Debian's nspawn with this machine's network,
all capabilities and a cgroup of its own. What they install stays for the next command.
"""

import os
import shutil
from pathlib import Path

from beds import cgroups, host, paths, proc, trees
from beds.console import Console
from beds.proc import Result

CHECKOUT = "/boot-tree"


class Pristine:
    """A private minimal tree with a copy of the checkout at CHECKOUT."""

    def __init__(self, word: str = "pristine") -> None:
        self.name = f"{paths.SESSION}-{word}"
        self.root = trees.copy("minbase", paths.work_dir() / self.name)
        ignored = shutil.ignore_patterns("build", "__pycache__", ".git")
        shutil.copytree(paths.CHECKOUT, self.path(CHECKOUT), symlinks=True, ignore=ignored)

    def path(self, inner: str) -> Path:
        """A path of the tree as a path of this machine."""
        return self.root / inner.lstrip("/")

    def _nspawn(self, command) -> list[str]:
        devices = [path for path in sorted(Path("/dev").glob("loop*")) if not path.is_dir()]
        return [
            *host.OWN_RUN,
            *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2", "--capability=all"),
            *(f"--machine={self.name}", f"--directory={self.root}", "--resolv-conf=replace-host"),
            *(f"--system-call-filter={host.SYSTEM_CALLS}", f"--chdir={CHECKOUT}"),
            *[f"--bind={path}" for path in devices],
            *command,
        ]

    def run(self, *command, timeout: float = 300) -> Result:
        """Runs a command without a terminal."""
        return self._in_group(
            lambda join: proc.run(
                *self._nspawn(["--console=pipe", *command]), timeout=timeout, env=_ENVIRONMENT, preexec_fn=join
            )
        )

    def run_on_terminal(self, *command, talk, timeout: float = 300) -> int:
        """Runs a command on a terminal; TALK(console) plays the user. Returns the exit status."""

        def play(join) -> int:
            with Console(*self._nspawn(command), env=_ENVIRONMENT, preexec_fn=join) as console:
                talk(console)
                return console.wait(timeout)

        return self._in_group(play)

    def _in_group(self, work):
        group = cgroups.make(self.name)
        try:
            return work(lambda: cgroups.join(group))
        finally:
            cgroups.remove(group)

    def done(self) -> None:
        """Removes the tree."""
        paths.remove_tree(self.root)


_ENVIRONMENT = {
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "yes",
    "TERM": os.environ.get("TERM", "dumb"),
}
