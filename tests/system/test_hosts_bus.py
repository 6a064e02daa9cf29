# SPDX-License-Identifier: LGPL-2.1-or-later
"""A system bus or a systemd-machined that is not there, or does not answer: one clear line, or none, and no delay."""

import contextlib
import signal
import time

import pytest

from beds import bare as bare_bed
from beds import proc

TREE = ("-D", "/var/lib/machines/deb")
NO_BUS = ["TemporaryFileSystem=/run/dbus"]
KEEP = ["--keep-unit"]
MACHINED = "systemd-machined.service"


def words(*options, name=None) -> list[str]:
    return [*TREE, "-M", name or bare_bed.new_name(), *options, "true"]


def one_line(done, *texts) -> None:
    """It failed with status 1 and one line that has these texts."""
    assert done.status == 1, str(done)
    assert len(done.stderr.splitlines()) == 1, str(done)
    assert [text for text in texts if text not in done.stderr] == [], str(done)


@pytest.mark.parametrize("mode", ["no", "yes", "auto"])
def test_without_a_bus_a_scope_cannot_be_had(any_host, mode):
    one_line(any_host.boot_tree(*words(f"--register={mode}"), properties=NO_BUS), "bus", "--keep-unit")


@pytest.mark.parametrize("mode", ["no", "auto"])
def test_without_a_bus_keep_unit_works_silently(any_host, mode):
    done = any_host.boot_tree(*words(*KEEP, f"--register={mode}"), properties=[*NO_BUS, "Delegate=yes"])
    assert (done.status, done.stderr) == (0, ""), str(done)
    assert done.seconds < 3, str(done)


def test_without_a_bus_registration_cannot_be_had(any_host):
    done = any_host.boot_tree(*words(*KEEP, "--register=yes"), properties=[*NO_BUS, "Delegate=yes"])
    one_line(done, "--register=yes", "bus")


@contextlib.contextmanager
def masked(host):
    """The host without systemd-machined."""
    sockets = ["systemd-machined.socket"] if host.version >= 258 else []
    host.enter("systemctl", "mask", "--runtime", "--now", *sockets, MACHINED).check()
    try:
        yield
    finally:
        host.enter("systemctl", "unmask", "--runtime", *sockets, MACHINED).check()
        if sockets:
            host.enter("systemctl", "start", *sockets).check()
        host.machines()


@pytest.mark.parametrize("mode", ["no", "auto"])
def test_without_machined_a_machine_runs_silently(any_host, mode):
    with masked(any_host):
        done = any_host.boot_tree(*words(f"--register={mode}"))
    assert (done.status, done.stderr) == (0, ""), str(done)
    assert done.seconds < 3, str(done)


def test_without_machined_registration_cannot_be_had(any_host):
    with masked(any_host):
        name = bare_bed.new_name()
        done = any_host.boot_tree(*words("--register=yes", name=name))
    one_line(done, f"Failed to register machine '{name}'")


def test_machined_that_sleeps_is_woken(any_host):
    any_host.enter("systemctl", "stop", MACHINED).check()
    with any_host.command("sleep", "100", options=["--register=yes"]) as machine:
        assert machine.name in any_host.machines()


@contextlib.contextmanager
def frozen(host, unit: str):
    """The service of that name does not get to run."""
    pid = host.property(unit, "MainPID")
    assert pid != "0", unit
    host.enter("kill", "-STOP", pid).check()
    try:
        yield
    finally:
        host.enter("kill", "-CONT", pid).check()


class Apart:
    """boot-tree in a service of a host whose bus hangs: systemd-run --wait would need the bus itself."""

    def __init__(self, host, *options, properties=()) -> None:
        self.host, self.name, self.began = host, bare_bed.new_name(), time.monotonic()
        self.unit, self.files = f"{self.name}.service", (f"/run/{self.name}.status", f"/run/{self.name}.err")
        note = f"/bin/sh -c 'echo $EXIT_STATUS >{self.files[0]}'"
        host.enter(
            *("systemd-run", "--quiet", "--collect", "--no-block", f"--unit={self.unit}"),
            *(f"--property=StandardError=file:{self.files[1]}", f"--property=ExecStopPost={note}"),
            *[f"--property={text}" for text in properties],
            *("--", "/usr/bin/boot-tree", "-M", self.name, *options),
        ).check()

    def signal(self, number: int) -> None:
        """Sends a signal to boot-tree once it runs, and has come to the bus."""
        record = self.host.live(f"/run/systemd/nspawn/propagate/{self.name}")
        proc.wait_for(record.exists, 5, "the start")
        time.sleep(0.2)
        self.host.enter("systemctl", "kill", "--kill-whom=main", f"--signal={int(number)}", self.unit).check()

    def end(self, timeout: float) -> proc.Result:
        """How it ended."""
        paths = [self.host.live(path) for path in self.files]
        try:
            proc.wait_for(paths[0].exists, timeout, f"the end of {self.unit}")
            proc.wait_for(lambda: self.host.property(self.unit, "ActiveState") != "deactivating", 5, "its end")
            status, stderr = (path.read_text(encoding="utf-8").strip() for path in paths)
        finally:
            self.host.enter("systemctl", "kill", "--signal=KILL", self.unit)
            for path in paths:
                path.unlink(missing_ok=True)
        return proc.Result((self.unit,), int(status), "", stderr, time.monotonic() - self.began)


def test_a_bus_that_hangs_is_given_up(host257):
    # Two at a time: each waits for its answer until it gives up.
    with host257.guest_tree("minbase") as other, frozen(host257, "dbus.service"):
        scope = Apart(host257, *TREE, "true")
        words_of_unit = ("-D", f"/var/lib/machines/{other}", "--keep-unit", "--register=yes", "true")
        unit = Apart(host257, *words_of_unit, properties=["Delegate=yes"])
        ends = [scope.end(40), unit.end(40)]
    for done in ends:
        one_line(done, "does not answer in time")
        assert done.seconds < 30, str(done)


@pytest.mark.parametrize("way", ["scope", "unit"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_for_a_bus_that_hangs(host257, number, way):
    options = ["--keep-unit", "--register=yes"] if way == "unit" else []
    with frozen(host257, "dbus.service"):
        apart = Apart(host257, *TREE, *options, "true", properties=["Delegate=yes"] if way == "unit" else [])
        apart.signal(number)
        done = apart.end(12)
    one_line(done, "Gave up starting machine")
    assert done.seconds < 10, str(done)
