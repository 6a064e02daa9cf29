# SPDX-License-Identifier: LGPL-2.1-or-later
"""The scope around a machine has the properties it should have, those that were asked for, and binds."""

import pytest

from beds import bare as bare_bed
from beds import proc


def values(host, unit: str, names) -> dict[str, str]:
    """Properties of a unit; several lines of one property are joined by commas."""
    found: dict[str, str] = {}
    text = host.enter("systemctl", "show", *[f"--property={name}" for name in names], unit).check().stdout
    for line in text.splitlines():
        name, _, value = line.partition("=")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


DEFAULTS = {
    "Delegate": "yes",
    "DevicePolicy": "closed",
    "TasksMax": "16384",
    "Slice": "machine.slice",
    "CollectMode": "inactive-or-failed",
    "Transient": "yes",
    "ActiveState": "active",
}


def test_scope_has_its_own_properties(any_host):
    with any_host.command("sleep", "100") as machine:
        assert values(any_host, machine.scope, DEFAULTS) == DEFAULTS
        assert any_host.property(machine.scope, "Description") == f"Container {machine.name}"
        devices = set(any_host.property(machine.scope, "DeviceAllow").splitlines())
        assert devices == {"char-pts rw", "/dev/net/tun rwm", "/dev/fuse rwm"}


# option: property as systemctl shows it, and its value
ASKED = {
    "--slice=user.slice": ("Slice", "user.slice"),
    "--property=Slice=user.slice": ("Slice", "user.slice"),
    "--property=MemoryMax=100M": ("MemoryMax", "104857600"),
    "--property=MemoryHigh=infinity": ("MemoryHigh", "infinity"),
    "--property=TasksMax=55": ("TasksMax", "55"),
    "--property=CPUQuota=50%": ("CPUQuotaPerSecUSec", "500ms"),
    "--property=CPUWeight=200": ("CPUWeight", "200"),
    "--property=IOWeight=42": ("IOWeight", "42"),
    "--property=AllowedCPUs=0": ("AllowedCPUs", "0"),
    "--property=Description=a word": ("Description", "a word"),
    "--property=RuntimeMaxSec=2h": ("RuntimeMaxUSec", "2h"),
    "--property=TimeoutStopSec=7": ("TimeoutStopUSec", "7s"),
    "--property=IPAccounting=yes": ("IPAccounting", "yes"),
    "--property=DevicePolicy=strict": ("DevicePolicy", "strict"),
    "--property=OOMPolicy=kill": ("OOMPolicy", "kill"),
}


def test_scope_has_the_properties_that_were_asked_for(any_host):
    for_all = [option for option in ASKED if option != "--slice=user.slice"]
    with any_host.command("sleep", "100", options=for_all) as machine:
        wanted = dict(ASKED[option] for option in for_all)
        assert values(any_host, machine.scope, wanted) == wanted


def test_delegation_can_be_narrowed(any_host):
    with any_host.command("sleep", "100", options=["--property=Delegate=pids memory"]) as machine:
        wanted = {"Delegate": "yes", "DelegateControllers": "memory pids"}
        assert values(any_host, machine.scope, wanted) == wanted


def test_slice_option_decides_the_slice(any_host):
    with any_host.command("sleep", "100", options=["--slice=user.slice"]) as machine:
        assert machine.top.startswith("/user.slice/machine-")


def test_devices_can_be_added(any_host):
    with any_host.command("sleep", "100", options=["--property=DeviceAllow=/dev/loop-control r"]) as machine:
        devices = any_host.property(machine.scope, "DeviceAllow").splitlines()
        assert "/dev/loop-control r" in devices and "char-pts rw" in devices


def test_devices_outside_the_list_cannot_be_made(any_host):
    # Without a user namespace root has the right to make nodes; the scope's filter must stop it.
    script = "mknod /tmp/zero c 1 5 && echo made; mknod /tmp/kmsg c 1 11"
    done = any_host.boot_tree("-D", "/var/lib/machines/deb", "--private-users=no", "--register=no", "sh", "-c", script)
    assert (done.status, done.stdout.strip()) == (1, "made"), str(done)
    assert "mknod: /tmp/kmsg: Operation not permitted" in done.stderr, str(done)


def untouched(host, name: str) -> None:
    """No folder, no unit and no entry of that name."""
    assert not host.live(f"/run/boot-tree/{name}").exists()
    assert not host.live(f"/run/systemd/nspawn/propagate/{name}").exists()
    assert not [row for row in host.units() if name.replace("-", r"\x2d") in row]
    assert name not in host.machines()


# property: what the one line says
REFUSED = {
    "Foo=1": "unknown unit property 'Foo'",
    "MemoryMax=lots": "lots",
    "MemoryMax": "MemoryMax",
    "=1": "",
    "CPUWeight=0": "0",
    "AllowedCPUs=x": "x",
    "DeviceAllow=/dev/null q": "q",
}


@pytest.mark.parametrize("text", REFUSED)
def test_bad_property_is_refused_before_anything_is_touched(host257, text):
    name = bare_bed.new_name()
    done = host257.boot_tree("-D", "/var/lib/machines/deb", "-M", name, f"--property={text}", "true")
    assert done.status == 1, str(done)
    assert len(done.stderr.splitlines()) == 1 and REFUSED[text] in done.stderr, str(done)
    untouched(host257, name)


def test_property_the_manager_refuses_is_told_in_its_words(any_host):
    name = bare_bed.new_name()
    done = any_host.boot_tree("-D", "/var/lib/machines/deb", "-M", name, "--property=Slice=wrong.service", "true")
    assert done.status == 1, str(done)
    assert len(done.stderr.splitlines()) == 1 and "lice" in done.stderr, str(done)
    untouched(any_host, name)


def test_stopping_the_scope_ends_the_machine_in_order(any_host):
    with any_host.boot("deb") as machine:
        assert machine.system_state() == "running"
        any_host.enter("systemctl", "stop", machine.scope).check()
        assert machine.wait() == "0", machine.output
        proc.wait_for(lambda: machine.name not in any_host.machines(), 5, "machined to forget it")


def test_runtime_limit_of_the_scope_ends_the_machine(host257):
    script = "trap 'exit 3' TERM; while :; do sleep 0.05; done"
    with host257.command("sh", "-c", script, options=["--property=RuntimeMaxSec=300ms", "--kill-signal=TERM"]) as machine:
        assert machine.wait() == "3", machine.output


def test_what_systemd_kills_ends_the_machine(any_host):
    with any_host.command("sleep", "100") as machine:
        any_host.enter("systemctl", "kill", "--signal=KILL", machine.scope).check()
        assert machine.wait() == "1"
