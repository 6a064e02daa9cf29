# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs with a deadline. What does not end in time is killed with its whole process group."""

import ctypes
import dataclasses
import os
import signal
import subprocess
import time

PR_SET_CHILD_SUBREAPER = 36
# Children somebody waits for; all other children of ours are orphans of a test and may be reaped.
_WAITED_FOR: set[int] = set()


@dataclasses.dataclass(frozen=True)
class Result:
    """How a program ended. A negative status is the signal that killed it."""

    args: tuple[str, ...]
    status: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.timed_out

    def check(self) -> "Result":
        """Itself, or an AssertionError that shows everything."""
        assert self.ok, str(self)
        return self

    def __str__(self) -> str:
        end = "ran out of time" if self.timed_out else f"exit status {self.status}"
        text = f"{' '.join(self.args)}\n→ {end} after {self.seconds:.2f} s"
        if self.stdout:
            text += f"\n--- stdout\n{self.stdout}"
        if self.stderr:
            text += f"\n--- stderr\n{self.stderr}"
        return text


def become_subreaper() -> None:
    """Orphans of what the tests start come back to us, so that none escapes unseen."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def start(args, **kwargs) -> subprocess.Popen:
    """subprocess.Popen in a session of its own, remembered until finish() or kill_group()."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen([str(arg) for arg in args], start_new_session=True, **kwargs)
    _WAITED_FOR.add(process.pid)
    return process


def kill_group(process: subprocess.Popen) -> None:
    """Kills the process and its group, and waits for it."""
    for target in (lambda: os.killpg(process.pid, signal.SIGKILL), process.kill):
        try:
            target()
        except ProcessLookupError:
            pass
    process.wait(10)
    _WAITED_FOR.discard(process.pid)


def stop(process: subprocess.Popen, number: int, timeout: float) -> int | None:
    """Sends a signal and waits; None (and a kill) if the process does not end in time."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        kill_group(process)
        return None
    _WAITED_FOR.discard(process.pid)
    return process.returncode


def run(*args, timeout: float = 10, stdin: str | None = None, env=None, cwd=None, preexec_fn=None) -> Result:
    """Runs a program to its end, or to the deadline."""
    began = time.monotonic()
    process = start(
        args,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=None if env is None else {**os.environ, **env},
        cwd=cwd,
        preexec_fn=preexec_fn,
    )
    data = None if stdin is None else stdin.encode()
    timed_out = False
    try:
        out, err = process.communicate(data, timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        kill_group(process)
        try:
            out, err = process.communicate(None, 1)
        except subprocess.TimeoutExpired as late:  # A process of another group holds the pipe.
            out, err = late.stdout or b"", late.stderr or b""
    finally:
        _WAITED_FOR.discard(process.pid)
    return Result(
        tuple(str(arg) for arg in args),
        process.returncode,
        out.decode(errors="replace"),
        err.decode(errors="replace"),
        time.monotonic() - began,
        timed_out,
    )


def reap_orphans() -> None:
    """Collects the exit status of dead children that nobody waits for."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as handle:
        children = [int(pid) for pid in handle.read().split()]
    for pid in set(children) - _WAITED_FOR:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass


def wait_for(condition, timeout: float, what: str, interval: float = 0.02):
    """Polls CONDITION until it is true, and returns its value; an AssertionError after TIMEOUT."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"Waited {timeout} s in vain for: {what}"
        time.sleep(interval)
