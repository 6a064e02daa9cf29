# SPDX-License-Identifier: LGPL-2.1-or-later
"""A system bus or a systemd-machined that is not there, or does not answer: one clear line, or none, and no delay."""

import contextlib
import signal

import pytest

from beds import bare as bare_bed

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


# systemd-run --wait needs the bus itself, so these run in no unit.


def test_a_bus_that_hangs_is_given_up(host257):
    name = bare_bed.new_name()
    with frozen(host257, "dbus.service"):
        done = host257.enter("boot-tree", *words(name=name), timeout=40)
    one_line(done, "does not answer in time")
    assert done.seconds < 25, str(done)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_for_a_bus_that_hangs(host257, number):
    script = f'boot-tree "$@" & sleep 0.3; kill -{int(number)} $!; wait $!'
    with frozen(host257, "dbus.service"):
        done = host257.enter("bash", "-mc", script, "sh", *words(), timeout=30)
    one_line(done, "Gave up starting machine")
    assert done.seconds < 10, str(done)
