# SPDX-License-Identifier: LGPL-2.1-or-later
"""boot-tree@.service and boot-tree.target on real hosts, and the service protocol in both directions."""

import contextlib
import socket

import pytest

from beds import bare as bare_bed
from beds import proc

UNIT = "boot-tree@deb.service"
DROP_IN = f"/etc/systemd/system/{UNIT}.d/test.conf"


class Unit:
    """boot-tree@deb on a host."""

    def __init__(self, host) -> None:
        self.host = host

    def control(self, verb: str, *options, unit: str = UNIT):
        """systemctl VERB."""
        done = self.host.enter("systemctl", verb, *options, unit, timeout=40)
        if not done.ok:
            log = self.host.enter("journalctl", "--no-pager", "-n40", f"--unit={UNIT}").stdout
            raise AssertionError(f"{done}\n{log}")
        return done.stdout

    def show(self, *names) -> list[str]:
        return [self.host.property(UNIT, name) for name in names]

    @property
    def record(self):
        return bare_bed.read_record("deb", f"/proc/{self.host.leader}/root")

    def inside(self, *words):
        leader = self.record["LEADER"]
        return self.host.run(*bare_bed.nsenter(int(leader), *words), timeout=30)

    def wait_state(self, wanted: str = "running") -> None:
        """Waits until systemd inside says so."""
        proc.wait_for(
            lambda: self.inside("systemctl", "is-system-running", "--wait").stdout.strip() == wanted,
            *(20, f"systemd inside to be {wanted}", 0.1),
        )


@pytest.fixture
def unit(any_host):
    """The unit; stopped and as installed after the test."""
    any_host.enter("systemctl", "daemon-reload").check()
    yield Unit(any_host)
    any_host.enter("systemctl", "stop", UNIT, timeout=40)
    any_host.enter("systemctl", "reset-failed", UNIT)
    any_host.enter("systemctl", "start", "boot-tree.target")


@contextlib.contextmanager
def changed(host, text: str):
    """The unit with a drop-in."""
    with host.file(DROP_IN, f"[Service]\n{text}\n"):
        host.enter("systemctl", "daemon-reload").check()
        try:
            yield
        finally:
            host.enter("systemctl", "stop", UNIT, timeout=40)
    host.enter("systemctl", "daemon-reload").check()


def test_target_is_part_of_the_boot(any_host):
    assert any_host.property("boot-tree.target", "ActiveState") == "active"


def test_start_and_stop(unit):
    unit.control("start")
    assert unit.show("ActiveState", "SubState", "Slice") == ["active", "running", "machine.slice"]
    assert unit.host.machines() == ["deb"]
    assert unit.show("StatusText")[0].startswith("Machine running")
    assert unit.record["MANAGER"] == unit.show("MainPID")[0]
    unit.wait_state()
    unit.control("stop")
    assert unit.show("ActiveState", "Result", "ExecMainStatus") == ["inactive", "success", "0"]
    assert unit.host.machines() == []


def test_start_waits_for_the_payload_if_the_unit_says_so(unit):
    options = "--quiet --keep-unit --boot --machine=deb --notify-ready=yes"
    with changed(unit.host, f"ExecStart=\nExecStart=/usr/bin/boot-tree {options}"):
        unit.control("start")
        # systemd inside is ready once its first jobs are done: nothing is left to wait for.
        assert unit.inside("systemctl", "is-system-running").stdout == "running\n"


def test_a_settings_file_counts_more_than_the_units_options(unit):
    text = "[Exec]\nEnvironment=WORD=from-file\nParameters=systemd.unit=multi-user.target\nBoot=yes\n"
    with unit.host.file("/etc/systemd/nspawn/deb.nspawn", text):
        unit.control("start")
        unit.wait_state()
        assert "WORD=from-file" in unit.inside("cat", "/proc/1/environ").stdout.split("\0")
        assert "systemd.unit=multi-user.target" in unit.inside("cat", "/proc/1/cmdline").stdout
        unit.control("stop")


def test_status_shows_the_payloads_processes(unit):
    unit.control("start")
    unit.wait_state()
    text = unit.control("status", "--no-pager")
    payload = text[text.index("payload") :]
    assert "dbus.service" in payload and "supervisor" in text, text


def test_restart_gives_a_new_leader(unit):
    unit.control("start")
    unit.wait_state()
    first = unit.record["LEADER"]
    unit.control("restart")
    assert unit.record["LEADER"] != first and unit.host.machines() == ["deb"]


@pytest.mark.parametrize("by", ["inside", "machinectl"])
def test_reboot_starts_the_unit_again_with_the_name(unit, by):
    unit.control("start")
    unit.wait_state()
    first = unit.record["LEADER"]
    if by == "inside":
        unit.inside("systemctl", "--no-block", "reboot")
    else:
        unit.host.enter("machinectl", "reboot", "deb").check()
    proc.wait_for(lambda: unit.record.get("LEADER", first) != first, 20, "the next start")
    proc.wait_for(lambda: unit.show("ActiveState", "NRestarts") == ["active", "1"], 10, "its readiness")
    unit.wait_state()
    assert unit.host.machines() == ["deb"]


def test_poweroff_inside_leaves_the_unit_stopped(unit):
    unit.control("start")
    unit.wait_state()
    unit.host.enter("machinectl", "poweroff", "deb").check()
    proc.wait_for(lambda: unit.show("ActiveState") == ["inactive"], 20, "the end of the unit")
    assert unit.show("Result", "NRestarts") == ["success", "0"]


def test_enabled_machines_start_with_the_target(unit):
    unit.control("enable", "--quiet")
    try:
        link = unit.host.path(f"/etc/systemd/system/boot-tree.target.wants/{UNIT}")
        assert link.is_symlink()
        unit.control("start", unit="boot-tree.target")
        assert unit.show("ActiveState") == ["active"] and unit.host.machines() == ["deb"]
        unit.control("stop", unit="boot-tree.target")
        proc.wait_for(lambda: unit.show("ActiveState") == ["inactive"], 20, "the end of the unit with its target")
    finally:
        unit.control("disable", "--quiet")


def test_a_tree_that_is_missing_fails_in_one_line(unit):
    done = unit.host.enter("systemctl", "start", "boot-tree@nothing-there.service", timeout=30)
    text = unit.host.enter("journalctl", "--no-pager", "-o", "cat", "-t", "boot-tree").stdout
    unit.host.enter("systemctl", "reset-failed", "boot-tree@nothing-there.service")
    assert not done.ok
    assert "nothing-there" in text, text


PAYLOAD = r"""
use Socket;
sub say { socket(my $s, AF_UNIX, SOCK_DGRAM, 0); send($s, $_[0], 0, sockaddr_un($ENV{NOTIFY_SOCKET})) or die "$!" }
$SIG{TERM} = sub { exit 0 };
sub pause { while (! -e "/root/$_[0]") { select(undef, undef, undef, 0.02) } unlink "/root/$_[0]" }
say("STATUS=getting there"); pause("ready");
say("READY=1\nSTATUS=there"); pause("reload");
say("RELOADING=1"); pause("done");
say("READY=1"); pause("end");
"""


def test_readiness_status_and_reloading_are_the_payloads(any_host):
    name = bare_bed.new_name()
    unit = f"{name}.service"
    tree = any_host.path("/var/lib/machines/deb/root")
    any_host.enter(
        *("systemd-run", "--quiet", "--collect", "--no-block", f"--unit={unit}", "--service-type=notify"),
        *("--property=Delegate=yes", "--property=KillMode=mixed", "--", "/usr/bin/boot-tree", "--keep-unit"),
        *("-M", name, "-D", "/var/lib/machines/deb", "--notify-ready=yes", "perl", "-e", PAYLOAD),
    ).check()

    def is_now(state: str, status: str) -> None:
        found: list[str] = []

        def looks_so():
            found[:] = [any_host.property(unit, "ActiveState"), any_host.property(unit, "StatusText")]
            return found == [state, status]

        try:
            proc.wait_for(looks_so, 5, f"{state}, '{status}'")
        except AssertionError as error:
            raise AssertionError(f"{error}: {found}") from None

    try:
        is_now("activating", "Machine running: getting there")
        (tree / "ready").touch()
        is_now("active", "Machine running: there")
        (tree / "reload").touch()
        is_now("reloading", "Machine running: there")
        (tree / "done").touch()
        is_now("active", "Machine running: there")
    finally:
        any_host.enter("systemctl", "stop", unit)
        for path in tree.glob("[rde]*"):
            path.unlink()


def test_our_own_watchdog_is_fed(any_host):
    # Ends by SIGABRT after 300 ms if nobody feeds it.
    with any_host.command("sleep", "100", properties=["WatchdogSec=300ms"]) as machine:
        with pytest.raises(AssertionError):
            proc.wait_for(lambda: not machine.is_running, 1.0, "nothing", 0.1)


LISTENER = r"""
open(my $s, "+<&=", 3) or die "$!";
use IO::Socket;
my $l = IO::Socket->new_from_fd(3, "+<") or die "$!";
my $c = $l->accept() or die "$!";
print $c "$$ $ENV{LISTEN_PID} $ENV{LISTEN_FDS}\n";
"""


def test_sockets_of_a_socket_unit_reach_the_payload(any_host):
    path = any_host.path("/root/listener")
    words = f"/usr/bin/boot-tree -q --keep-unit -M {bare_bed.new_name()} -D /var/lib/machines/deb perl /root/listener"
    service = f"[Service]\nDelegate=yes\nKillMode=mixed\nExecStart={words}\n"
    inner = any_host.path("/var/lib/machines/deb/root/listener")
    inner.write_text(LISTENER, encoding="ascii")
    assert path.parent.is_dir()
    with (
        any_host.file("/etc/systemd/system/talk.socket", "[Socket]\nListenStream=/run/talk\nRemoveOnStop=yes\n"),
        any_host.file("/etc/systemd/system/talk.service", service),
    ):
        any_host.enter("systemctl", "daemon-reload").check()
        try:
            any_host.enter("systemctl", "start", "talk.socket").check()
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(str(any_host.live("/run/talk")))
                assert client.recv(100) == b"1 1 1\n"
        finally:
            any_host.enter("systemctl", "stop", "talk.socket", "talk.service")
            any_host.enter("systemctl", "reset-failed", "talk.socket", "talk.service")
            inner.unlink()
    any_host.enter("systemctl", "daemon-reload").check()
