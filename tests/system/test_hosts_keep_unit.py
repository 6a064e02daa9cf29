# SPDX-License-Identifier: LGPL-2.1-or-later
"""--keep-unit: the machine lives in the unit that boot-tree was started in, which is told what becomes of it."""

import pytest

from beds import proc

KEEP = ("--keep-unit",)
DELEGATED = ["Delegate=yes"]
NO_BUS = ["TemporaryFileSystem=/run/dbus"]


@pytest.mark.parametrize("subgroup", ["", "supervisor"])
def test_unit_is_split_in_two(any_host, subgroup):
    if subgroup and any_host.version < 254:
        subgroup = ""  # systemd warns of a setting it does not know, and goes on: what the unit file relies on.
    properties = [*DELEGATED, *([f"DelegateSubgroup={subgroup}"] if subgroup else [])]
    with any_host.command("sleep", "100", options=KEEP, properties=properties) as machine:
        unit = f"/system.slice/{machine.unit}"
        assert any_host.property(machine.unit, "ControlGroup") == unit
        assert any_host.machines() == [machine.name]
        assert machine.group_of(machine.manager) == f"{unit}/supervisor"
        assert machine.group_of(machine.leader) == f"{unit}/payload"
        assert any_host.live(f"/sys/fs/cgroup{unit}/cgroup.procs").read_text(encoding="ascii") == ""


def test_no_scope_is_made(any_host):
    with any_host.command("sleep", "100", options=KEEP, properties=DELEGATED) as machine:
        assert [row for row in any_host.units() if row.startswith("machine-")] == []
        assert machine.record["CGROUP_KIND"] == "unit"


@pytest.mark.parametrize("how", ["reboot", "exit 7", "poweroff"])
def test_exit_status_tells_the_unit_what_happened(any_host, how):
    with any_host.boot("deb", *KEEP, properties=DELEGATED) as machine:
        machine.system_state()
        machine.inside("systemctl", "--no-block", *how.split())
        assert machine.wait() == {"reboot": "133", "exit 7": "7", "poweroff": "0"}[how], machine.output


def test_no_bus_is_needed(any_host):
    options = (*KEEP, "--register=no")
    with any_host.boot("deb", *options, properties=[*DELEGATED, *NO_BUS]) as machine:
        assert machine.system_state() == "running"
        assert any_host.machines() == []
        assert machine.poweroff() == "0", machine.output


def test_stopping_the_unit_ends_the_machine_in_order(any_host):
    with any_host.boot("deb", *KEEP, properties=DELEGATED) as machine:
        machine.system_state()
        any_host.enter("systemctl", "stop", machine.unit).check()
        assert machine.wait() == "0", machine.output


def test_after_sigkill_nothing_runs(any_host):
    with any_host.boot("deb", *KEEP, properties=DELEGATED) as machine:
        machine.signal(9)
        assert machine.wait() == "KILL"
        proc.wait_for(lambda: any_host.machines() == [], 5, "machined to forget it")
        machine.close()
        with any_host.boot("deb", *KEEP, properties=DELEGATED, name=machine.name) as again:
            assert again.poweroff() == "0"


def test_the_units_own_limits_hold_for_the_machine(host257):
    with host257.command("sleep", "100", options=KEEP, properties=[*DELEGATED, "TasksMax=77"]) as machine:
        assert host257.property(machine.unit, "TasksMax") == "77"
        assert machine.top == f"/system.slice/{machine.unit}"
