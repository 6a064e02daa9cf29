# SPDX-License-Identifier: LGPL-2.1-or-later
"""This machine as a test bed: boot-tree run directly on it."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from beds import cgroups, inside, paths, proc, trees
from beds.console import Console
from beds.notify import NotifySocket
from beds.proc import Result

RUN = Path("/run/boot-tree")


def new_name(word: str = "m") -> str:
    """A machine name no other test and no other session uses."""
    return paths.unique(word)


def read_record(name: str, root: str = "") -> dict[str, str]:
    """The state record of machine NAME; empty if there is none."""
    try:
        text = Path(f"{root}{RUN}/{name}/record").read_text(encoding="utf-8")
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def nsenter(leader: int, *command) -> list[str]:
    """A command line that enters the leader's namespaces; use with preexec_fn=join(leader)."""
    return ["nsenter", "-t", str(leader), "-a", "--", *map(str, command)]


class Booted:
    """A machine that runs on this machine."""

    def __init__(self, command: list[str], name: str, env=None) -> None:
        self.name = name
        self.notify = NotifySocket()
        self.log = paths.work_dir() / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = proc.start(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {}), "NOTIFY_SOCKET": self.notify.path},
            )

    @property
    def output(self) -> str:
        """What boot-tree and the console wrote so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def lines(self) -> list[str]:
        """The same by lines: a word of the payload's is not to be found in a message of ours."""
        return self.output.splitlines()

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    @property
    def leader(self) -> int:
        """PID 1 of the machine, as this machine's pid."""
        pid = self.notify.last("X_NSPAWN_LEADER_PID") or read_record(self.name).get("LEADER")
        assert pid, f"No leader known for '{self.name}':\n{self.output}"
        return int(pid)

    def wait_started(self, timeout: float = 10) -> None:
        """Waits until PID 1 is the payload's program."""
        proc.wait_for(
            lambda: self.notify.last("X_NSPAWN_LEADER_PID") or not self.is_running, timeout, f"'{self.name}' to start"
        )
        assert self.notify.last("X_NSPAWN_LEADER_PID"), f"'{self.name}' did not start:\n{self.output}"

    def wait_ready(self, timeout: float) -> None:
        """Waits for READY=1."""
        if not self.notify.wait("READY", "1", timeout, lambda: self.is_running):
            end = f"ended with {self.process.returncode}" if not self.is_running else f"not within {timeout} s"
            raise AssertionError(f"'{self.name}' did not become ready, {end}:\n{self.output}")

    def inside(self, *command, timeout: float = 10, stdin: str | None = None) -> Result:
        """Runs a command in all of the machine's namespaces and in PID 1's cgroup."""
        leader = self.leader
        group = cgroups.of_process(leader)
        return proc.run(
            *nsenter(leader, *command),
            timeout=timeout,
            stdin=stdin,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            preexec_fn=lambda: cgroups.join(group),
        )

    def shell(self, script: str, timeout: float = 10) -> Result:
        """The same for a line of shell."""
        return self.inside("sh", "-c", script, timeout=timeout)

    def call(self, function, *args, timeout: int = 10):
        """What a Python function returns when the machine's root calls it; see inside.py."""
        return inside.call(self.leader, function, *args, timeout=timeout)

    def system_state(self, timeout: float = 30) -> str:
        """What systemd inside says of itself, once it has finished starting."""
        return self.inside("systemctl", "is-system-running", "--wait", timeout=timeout).stdout.strip()

    def wait(self, timeout: float = 20) -> int:
        """The exit status of boot-tree; the test fails if it does not end in time."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"'{self.name}' did not end within {timeout} s:\n{self.output}") from None

    def poweroff(self, timeout: float = 20) -> int:
        """Asks systemd inside to power off; the exit status of boot-tree."""
        self.inside("systemctl", "--no-block", "poweroff", timeout=timeout)
        return self.wait(timeout)

    def terminate(self, timeout: float = 20) -> int:
        """Sends SIGTERM to boot-tree, as a service manager would; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def close(self) -> None:
        """Ends whatever still runs. A test that gets here with a running machine has not failed by that."""
        if self.is_running:
            proc.stop(self.process, signal.SIGTERM, 15)
        proc.kill_group(self.process)
        self.notify.close()
        self.log.unlink(missing_ok=True)

    def __enter__(self) -> "Booted":
        return self

    def __exit__(self, *_) -> None:
        self.close()


class Bare:
    """This machine, with the program that was built last."""

    def __init__(self) -> None:
        self._copies: list[Path] = []
        self.names: list[str] = []

    @property
    def program(self) -> str:
        path = paths.boot_tree()
        assert path.exists(), f"Not built: {path}"
        return str(path)

    def tree(self, name: str = "bookworm") -> Path:
        """A tree for this test alone, removed at its end."""
        path = trees.copy(name)
        self._copies.append(path)
        return path

    def folder(self, word: str = "d") -> Path:
        """An empty folder for this test alone, removed at its end."""
        path = paths.work_dir() / new_name(word)
        path.mkdir()
        self._copies.append(path)
        return path

    def run(self, *options, timeout: float = 10, env=None, stdin: str | None = None, cwd=None) -> Result:
        """boot-tree OPTIONS… to its end."""
        return proc.run(self.program, *options, timeout=timeout, env=env, stdin=stdin, cwd=cwd)

    def console(self, *options, env=None, rows: int = 24, columns: int = 80) -> Console:
        """boot-tree OPTIONS… on a terminal; use with `with`."""
        return Console(self.program, *options, env=env, rows=rows, columns=columns)

    def start(self, tree: Path, *options, name: str | None = None, env=None, prefix=()) -> Booted:
        """boot-tree -D TREE --notify-ready=yes OPTIONS…, not waited for; use with `with`.

        prefix: words in front, of a program that goes on as boot-tree"""
        name = name or new_name()
        self.names.append(name)
        words = [*prefix, self.program, "-D", tree, "-M", name, "--notify-ready=yes", *options]
        return Booted([str(word) for word in words], name, env)

    def boot(self, tree: Path, *options, timeout: float = 30, **how) -> Booted:
        """The same, and waits until the machine is ready."""
        booted = self.start(tree, *options, **how)
        try:
            booted.wait_ready(timeout)
        except BaseException:
            booted.close()
            raise
        return booted

    def done(self) -> None:
        """Removes the trees of the test."""
        for path in self._copies:
            paths.remove_tree(path)
        self._copies.clear()


def has(program: str) -> bool:
    """Whether a program is there."""
    return shutil.which(program) is not None
