# SPDX-License-Identifier: LGPL-2.1-or-later
"""machinectl and systemctl of the host know a machine, and their words are obeyed."""

import pytest


def show(host, name: str) -> dict[str, str]:
    """What `machinectl show` says."""
    lines = host.enter("machinectl", "show", name).check().stdout.splitlines()
    return dict(line.split("=", 1) for line in lines)


def invocation(machine) -> str:
    """What tells one start of a machine's scope from the next."""
    return machine.host.property(machine.scope, "InvocationID")


# What machined finds out by itself, by its version.
KNOWN = {"LeaderPIDFDId", "Subgroup", "Supervisor", "SupervisorPIDFDId", "UID", "VSockCID"}


def test_machinectl_show_tells_what_it_is(any_host):
    with any_host.command("sleep", "100") as machine:
        wanted = {
            "Name": machine.name,
            "Id": machine.record["UUID"].replace("-", ""),
            "Service": "boot-tree",
            "Unit": machine.scope,
            "Leader": str(machine.leader),
            "Class": "container",
            "RootDirectory": "/var/lib/machines/deb",
            "State": "running",
        }
        found = show(any_host, machine.name)
        assert {key: found.get(key) for key in wanted} == wanted
        # What every user of the host may read: no more than that, and times.
        more = {key: value for key, value in found.items() if "imestamp" not in key and value not in ("", "no")}
        assert {key: more[key] for key in more.keys() - wanted.keys() - KNOWN} == {}
        assert machine.record["REGISTERED"] == "1"


def test_machined_takes_the_leaders_unit_under_keep_unit(any_host):
    options = ("--keep-unit", "--register=yes")
    with any_host.command("sleep", "100", options=options, properties=["Delegate=yes"]) as machine:
        found = show(any_host, machine.name)
        assert [found["Unit"], found["Leader"]] == [machine.unit, str(machine.leader)]


def test_called_as_nspawn_the_service_is_nspawns(any_host):
    with any_host.program_named("systemd-nspawn") as program:
        options = ("--private-users=pick",)
        with any_host.command("sleep", "100", options=options, program=program) as machine:
            assert show(any_host, machine.name)["Service"] == "systemd-nspawn"


@pytest.mark.parametrize("words", [("machinectl", "status"), ("systemctl", "status"), ("boot-tree", "status")])
def test_status_shows_the_payloads_processes(any_host, words):
    with any_host.boot("deb") as machine:
        name = machine.scope if words[0] == "systemctl" else machine.name
        text = any_host.enter(*words, *(["--no-pager"] if words[0] != "boot-tree" else []), name).check().stdout
        if words[0] != "boot-tree":
            tree = text[text.index("payload") :]
            assert "dbus.service" in tree and "systemd-journald" in tree, text
        assert str(machine.leader) in text


# name: as the scope has it
NAMES = {
    "a-b": r"machine-a\x2db.scope",
    "a.b": "machine-a.b.scope",
    "web-1.example.com": r"machine-web\x2d1.example.com.scope",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_escaped_in_the_scope(any_host, name):
    with any_host.boot("deb", name=name) as machine:
        assert machine.scope == NAMES[name]
        assert any_host.property(NAMES[name], "ActiveState") == "active"
        assert show(any_host, name)["Unit"] == NAMES[name]
        assert machine.poweroff() == "0"


@pytest.mark.parametrize("verb", ["poweroff", "terminate"])
def test_machinectl_ends_it_in_order(any_host, verb):
    with any_host.boot("deb") as machine:
        assert machine.system_state() == "running"
        any_host.enter("machinectl", verb, machine.name).check()
        assert machine.wait() == "0", machine.output
        assert any_host.machines() == []


def test_machinectl_kill_reaches_the_leader(any_host):
    with any_host.command("sh", "-c", "trap 'exit 9' USR1; while :; do sleep 0.05; done") as machine:
        any_host.enter("machinectl", "kill", "--kill-whom=leader", "--signal=USR1", machine.name).check()
        assert machine.wait() == "9"


def test_machinectl_reboot_keeps_the_name_and_makes_all_else_anew(any_host):
    with any_host.boot("deb") as machine:
        machine.system_state()
        leader, manager, first = machine.leader, machine.manager, invocation(machine)
        any_host.enter("machinectl", "reboot", machine.name).check()
        machine.wait_reboot(leader)
        assert machine.manager == manager
        assert invocation(machine) not in ("", first)
        assert show(any_host, machine.name)["Leader"] == str(machine.leader)
        assert machine.poweroff() == "0", machine.output


def test_a_reboot_inside_does_the_same(any_host):
    with any_host.boot("deb") as machine:
        machine.system_state()
        leader, first = machine.leader, invocation(machine)
        machine.inside("systemctl", "--no-block", "reboot")
        machine.wait_reboot(leader)
        assert show(any_host, machine.name)["Leader"] == str(machine.leader)
        assert invocation(machine) not in ("", first)


def test_machinectl_reaches_the_bus_inside(host257):
    with host257.boot("deb") as machine:
        machine.system_state()
        done = host257.run("systemctl", "-M", machine.name, "is-system-running").check()
        assert done.stdout == "running\n"
        done = host257.run("machinectl", "-q", "shell", machine.name, "/bin/cat", "/proc/1/comm").check()
        assert "systemd" in done.stdout


REGISTER = {"no": False, "yes": True, "auto": True}


@pytest.mark.parametrize("mode", REGISTER)
def test_register_decides_whether_machined_knows_it(any_host, mode):
    with any_host.command("sleep", "100", options=[f"--register={mode}"]) as machine:
        assert (machine.name in any_host.machines()) == REGISTER[mode]
        assert any_host.property(machine.scope, "ActiveState") == "active"


def test_other_users_of_the_host_cannot_touch_it(any_host):
    """Neither by its scope nor by machined; and the host's PID 1 gets over the asking."""
    manager = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
    machined = ("org.freedesktop.machine1", "/org/freedesktop/machine1", "org.freedesktop.machine1.Manager")
    with any_host.command("sleep", "100", options=["--register=yes"]) as machine:
        name, scope = machine.name, machine.scope
        calls = [
            [*manager, "StopUnit", "ss", scope, "replace"],
            [*manager, "KillUnit", "ssi", scope, "all", "9"],
            [*manager, "FreezeUnit", "s", scope],
            [*manager, "CleanUnit", "sas", scope, "1", "all"],
            [*manager, "AttachProcessesToUnit", "ssau", scope, "/x", "1", str(machine.leader)],
            [*manager, "AttachProcessesToUnit", "ssau", scope, "", "0"],
            [*manager, "SetUnitProperties", "sba(sv)", scope, "true", "1", "DevicePolicy", "s", "auto"],
            [*machined, "TerminateMachine", "s", name],
            [*machined, "KillMachine", "ssi", name, "all", "9"],
            [*machined, "OpenMachineShell", "sssasas", name, "root", "/bin/sh", "0", "0"],
            [*machined, "CopyFromMachine", "sss", name, "/etc/shadow", "/tmp/x"],
            [*machined, "BindMountMachine", "sssbb", name, "/etc", "/mnt", "false", "true"],
        ]
        for words in calls:
            done = any_host.enter("setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", "busctl", "call", *words)
            assert done.status != 0 and done.stdout == "", done
        assert any_host.property(scope, "ActiveState") == "active" and machine.is_running
        assert any_host.property(scope, "DevicePolicy") != "auto" or any_host.property(scope, "DeviceAllow")
        assert name in any_host.machines()
        for words in (["cat", f"/run/boot-tree/{name}/record"], ["boot-tree", "status", name], ["boot-tree", "security", name]):
            done = any_host.enter("setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", *words)
            assert done.status != 0 and done.stdout == "" and "enied" in done.stderr + "", done
