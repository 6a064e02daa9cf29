# SPDX-License-Identifier: LGPL-2.1-or-later
"""Device nodes under a service manager: its filter and ours."""

import pytest

from beds import device_filter

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


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_scope_lets_it_through(host257, users):
    options = ["--device=/dev/loop0:/dev/disk/first", f"--private-users={users}"]
    with host257.command("sleep", "100", options=options) as machine:
        assert "/dev/block/7:0 rwm" in host257.property(machine.scope, "DeviceAllow").splitlines()
        done = machine.shell(device_filter.LOOK.format("/dev/disk/first"))
        assert done.stdout == "block special file 0 0 600 7:0\nread\nwritten\n", str(done)


def test_less_than_all_access_needs_a_filter(host257):
    options = ["-D", "/var/lib/machines/deb", "--device=/dev/loop0:r", "--keep-unit", "--register=no"]
    done = host257.boot_tree(*options, "echo", "runs", properties=NO_BPF)
    assert done.status == 1 and done.stdout == "", str(done)
    assert "Failed to confine the devices" in done.stderr and "bpf(2)" in done.stderr, str(done)
