# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests on real systemd hosts: they come up, are known to machined, own their groups, and end in order."""

import contextlib

import pytest

GUESTS = [
    ("host257", "bullseye"),
    ("host257", "deb"),
    ("host257", "trixie"),
    ("host257", "sid"),
    ("host252", "deb"),
    ("host252", "trixie"),
    ("host262", "deb"),
    ("host262", "trixie"),
]
# The ways to a control group: options of boot-tree, properties of the service that it runs in.
WAYS = {"scope": ([], []), "unit": (["--keep-unit", "--register=no"], ["Delegate=yes"])}


@pytest.mark.parametrize("any_host,guest", GUESTS, indirect=["any_host"])
def test_guest_boots_to_running_and_powers_off(any_host, guest):
    with contextlib.nullcontext(guest) if guest == "deb" else any_host.guest_tree(guest) as tree:
        with any_host.boot(tree) as machine:
            state = machine.system_state()
            assert state == "running", machine.inside("systemctl", "--failed", "--plain").stdout
            assert machine.name in any_host.machines()
            assert machine.poweroff() == "0", machine.output
            assert machine.name not in any_host.machines()


@pytest.fixture(params=["scope", "unit"])
def way(request):
    """Options of boot-tree, and properties of its service, for each way to a control group."""
    return request.param, *WAYS[request.param]


def test_guest_boots_in_each_control_group(any_host, way):
    kind, options, properties = way
    with any_host.boot("deb", *options, properties=properties) as machine:
        assert machine.record["CGROUP_KIND"] == kind
        assert machine.system_state() == "running"
        assert int(machine.record["ID_BASE"]) > 0, "no user namespace"
        assert machine.poweroff() == "0", machine.output


def test_payload_owns_its_group_and_not_its_limits(any_host, way):
    _, options, properties = way
    with any_host.command("sleep", "100", options=options, properties=properties) as machine:
        base = int(machine.record["ID_BASE"])
        payload = any_host.live(f"/sys/fs/cgroup{machine.top}/payload")
        assert payload.name == "payload"
        assert [payload.stat().st_uid, payload.parent.stat().st_uid] == [base, 0]
        owners = {path.name: path.stat().st_uid for path in payload.iterdir() if path.is_file()}
        owned = {name for name, uid in owners.items() if uid == base}
        assert {"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"} <= owned, owned
        assert not owned & {"cgroup.freeze", "cgroup.kill", "cgroup.max.depth", "hugetlb.2MB.max"}, owned
        machine.shell("mkdir /sys/fs/cgroup/sub && rmdir /sys/fs/cgroup/sub").check()


def test_group_namespace_begins_at_the_payload(any_host, way):
    _, options, properties = way
    with any_host.command("sleep", "100", options=options, properties=properties) as machine:
        assert machine.read("/proc/1/cgroup").endswith("\n0::/\n")


def test_controllers_inside_are_those_of_the_unit(any_host, way):
    _, options, properties = way
    with any_host.boot("deb", *options, properties=properties) as machine:
        top = any_host.live(f"/sys/fs/cgroup{machine.top}")
        names = [(top / name).read_text(encoding="ascii") for name in ("cgroup.controllers", "cgroup.subtree_control")]
        assert [machine.read("/sys/fs/cgroup/cgroup.controllers")] * 2 == names
