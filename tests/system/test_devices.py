# SPDX-License-Identifier: LGPL-2.1-or-later
"""Device nodes: which ones there are, and who keeps the payload from all others."""

import os
import stat

import pytest

from beds import cgroups, device_filter, inside

LOOP, KMSG, MEM = (stat.S_IFBLK, os.makedev(7, 0)), (stat.S_IFCHR, os.makedev(1, 11)), (stat.S_IFCHR, os.makedev(1, 1))
FORBIDDEN = {"loop": LOOP, "kmsg": KMSG, "mem": MEM}
ALLOWED = {
    "null": (stat.S_IFCHR, os.makedev(1, 3)),
    "urandom": (stat.S_IFCHR, os.makedev(1, 9)),
    "no-driver-chr": (stat.S_IFCHR, 0),
    "no-driver-blk": (stat.S_IFBLK, 0),
}
NODES = "/nodes"


def _top(machine) -> str:
    """The group that all of the machine is in, as a path of this machine."""
    return str(cgroups.of_process(machine.leader)).partition("/payload")[0]


@pytest.fixture(scope="module")
def machine(module_bare):
    """A machine without a user namespace whose tree has device nodes that are none of its business."""
    tree = module_bare.tree("bookworm")
    (tree / NODES[1:]).mkdir()
    for name, (kind, device) in FORBIDDEN.items():
        os.mknod(tree / NODES[1:] / name, kind | 0o666, device)
    with module_bare.boot(tree, "--private-users=no") as booted:
        assert booted.system_state() == "running", booted.inside("systemctl", "--failed").stdout
        yield booted


def test_the_filter_is_on_the_group_above_the_payloads(machine):
    assert len(device_filter.ours(_top(machine))) == 1
    assert device_filter.ours(f"{_top(machine)}/payload") == []


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_root_without_a_user_namespace_cannot_make_a_node(machine, name):
    kind, device = FORBIDDEN[name]
    assert machine.call(inside.refusal, os.mknod, f"/root/{name}", kind | 0o600, device) == "EPERM"


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_root_without_a_user_namespace_cannot_open_a_node_of_the_tree(machine, name):
    def look(path):
        return inside.refusal(inside.open_for_writing, path), inside.refusal(lambda: os.close(os.open(path, os.O_RDONLY)))

    assert machine.call(look, f"{NODES}/{name}") == ("EPERM", "EPERM")


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_harmless_node_can_be_made_without_a_user_namespace(machine, name):
    kind, device = ALLOWED[name]
    assert machine.call(inside.refusal, os.mknod, f"/root/{name}", kind | 0o600, device) == ""


def test_terminals_can_be_opened(machine):
    def look():
        master, slave = os.openpty()
        return os.write(slave, b"x"), os.read(master, 1)

    assert machine.call(look) == (1, b"x")


def test_inside_a_service_with_a_filter_of_its_own_both_hold(machine):
    properties = ["--property=DevicePolicy=strict", "--property=DeviceAllow=/dev/zero r", "--property=DeviceAllow=block-* rwm"]
    script = f"head -c 3 /dev/zero | wc -c; cat {NODES}/loop /dev/full"
    done = machine.inside("systemd-run", "--quiet", "--wait", "--pipe", "--collect", *properties, "sh", "-c", script)
    assert done.stdout == "3\n", str(done)
    assert done.stderr.count("Operation not permitted") == 2, str(done)


def test_root_without_a_user_namespace_cannot_take_the_filter_away(machine):
    def take():
        programs = device_filter.everywhere()
        return programs, [inside.refusal(device_filter.detach, "/sys/fs/cgroup", program) for program in programs]

    programs, errors = machine.call(take)
    ours = device_filter.ours(_top(machine))
    assert set(ours) <= set(programs)
    assert set(errors) == {"ENOENT"}


def test_a_user_namespace_has_the_filter_too(bare):
    with bare.start(bare.tree("minbase"), "--notify-ready=no", "--", "sleep", "100") as machine:
        machine.wait_started()
        assert len(device_filter.ours(_top(machine))) == 1


# A service whose system calls are filtered is how a system looks that has no bpf(2).
NO_BPF = ["SystemCallFilter=~bpf", "SystemCallErrorNumber=EPERM", "Delegate=yes"]
NOTICE = "This system has no filter for device nodes"


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_system_without_filters_is_told_of_where_it_matters(host257, users):
    options = [f"--private-users={users}", "--keep-unit", "--register=no"]
    with host257.boot("deb", *options, properties=NO_BPF) as machine:
        assert device_filter.ours(str(host257.live(f"/sys/fs/cgroup{machine.top}/payload"))) == []
        assert (NOTICE in machine.output) == (users == "no"), machine.output


@pytest.mark.parametrize("where", ["scope", "unit"])
def test_the_filter_outlives_what_the_service_manager_does(host257, where):
    how = {"options": ["--private-users=no"]}
    if where == "unit":
        how = {"options": ["--private-users=no", "--keep-unit"], "properties": ["Delegate=yes"]}
    with host257.command("sleep", "100", **how) as machine:
        group = machine.top if where == "scope" else f"{machine.top}/payload"
        folder = str(host257.live(f"/sys/fs/cgroup{group}"))
        unit = machine.scope if where == "scope" else machine.unit
        before = device_filter.ours(folder)
        assert len(before) == 1
        for command in ("daemon-reload", "daemon-reload", "daemon-reload", "daemon-reexec"):
            host257.enter("systemctl", command).check()
        host257.enter("systemctl", "set-property", "--runtime", unit, "DevicePolicy=auto").check()
        assert device_filter.ours(folder) == before
        done = machine.shell("mknod /tmp/null c 1 3 && echo made; mknod /tmp/kmsg c 1 11; mknod /tmp/loop b 7 0")
        assert done.stdout == "made\n", str(done)
        assert done.stderr.count("Operation not permitted") == 2, str(done)
