# SPDX-License-Identifier: LGPL-2.1-or-later
"""boot-tree inside a machine that boot-tree runs, with a user namespace around all of it."""

import os
import shutil

import pytest

from beds import bare as bare_bed
from beds import paths, proc, trees

BASE = 0x10000 * 4720
# All but that of clocks, which is the outer machine's.
SPACES = "--user --mount --pid --uts --ipc --net --cgroup".split()
PROGRAM = "/usr/local/bin/boot-tree"


@pytest.fixture(scope="module")
def machine(module_bare):
    """A Debian machine that has the program and two trees of its own, and ids for more than itself."""
    tree = module_bare.tree("trixie")
    shutil.copy(paths.boot_tree(), tree / PROGRAM[1:])
    (tree / "var/lib/machines").mkdir(exist_ok=True)
    for name in ("minbase", "bookworm"):
        trees.copy(name, tree / "var/lib/machines" / name)
    with module_bare.boot(tree, f"--private-users={BASE}:196608") as booted:
        assert booted.system_state() == "running"
        yield booted


def _inner(machine, *words, timeout=20):
    run = ["systemd-run", "--quiet", "--collect", "--wait", "--pipe", PROGRAM, "-q", "--register=no", *words]
    return machine.inside(*run, timeout=timeout)


def test_a_command_runs_in_a_machine_in_a_machine(machine):
    done = _inner(machine, "-M", "minbase", "--private-users=identity", "sh", "-c", "cat /proc/1/comm; id -u").check()
    assert done.stdout == "sh\n0\n"


def test_device_nodes_work_there(machine):
    script = "echo x >/dev/null && head -c 3 /dev/zero | wc -c && test -c /dev/urandom && echo yes"
    done = _inner(machine, "-M", "minbase", "--private-users=identity", "sh", "-c", script).check()
    assert done.stdout == "3\nyes\n"


def test_a_device_that_the_machine_has_can_be_given_on_under_another_name(machine):
    words = ["--private-users=identity", "--device=/dev/net/tun:/dev/mine", "stat", "-c", "%F %t:%T", "/dev/mine"]
    assert _inner(machine, "-M", "minbase", *words).check().stdout == "character special file a:c8\n"


def test_a_range_of_the_machines_own_can_be_given_on(machine):
    # The inner root is nobody to the outer one; a tree of its own is owned by it on disk.
    words = ["--private-users=65536", "--private-users-ownership=chown", "cat", "/proc/self/uid_map"]
    done = _inner(machine, "-M", "minbase", *words, timeout=30).check()
    assert done.stdout.split() == ["0", "65536", "65536"]


def test_a_system_boots_in_a_machine(machine):
    words = ["-M", "bookworm", "--private-users=identity", "--notify-ready=yes"]
    unit = ["systemd-run", "--quiet", "--unit=inner", "--service-type=notify", "--property=Delegate=yes"]
    try:
        done = machine.inside(*unit, PROGRAM, "--register=no", *words, timeout=30)
        assert done.ok, machine.inside("journalctl", "--unit=inner", "--no-pager").stdout
        leader = machine.inside("sh", "-c", ". /run/boot-tree/bookworm/record 2>/dev/null; echo $LEADER").stdout.strip()
        state = machine.inside("nsenter", "-t", leader, *SPACES, "systemctl", "is-system-running", "--wait")
        assert state.stdout.strip() == "running", state
    finally:
        machine.inside("systemctl", "stop", "inner", timeout=30)
    assert machine.inside("systemctl", "show", "-P", "Result", "inner").stdout.strip() == "success"
    assert machine.inside("ls", "/run/boot-tree").stdout == ""


def test_clocks_that_cannot_be_set_are_refused_only_if_asked_for(machine):
    words = ["-M", "minbase", "--private-users=identity"]
    assert "CAP_SYS_TIME" in _inner(machine, *words, "--time-namespace=yes", "true").stderr
    _inner(machine, *words, "--boot", "--dry-run").check()


def test_nothing_of_it_reaches_the_host(machine):
    assert bare_bed.read_record("bookworm") == {} and not os.path.exists("/run/boot-tree/minbase")
    proc.run("true").check()


@pytest.fixture(scope="module")
def delegated(module_bare):
    """The same with two ranges to hand on, as --private-users-delegate= picks them."""
    tree = module_bare.tree("trixie")
    shutil.copy(paths.boot_tree(), tree / PROGRAM[1:])
    (tree / "var/lib/machines").mkdir(exist_ok=True)
    for name in ("minbase", "bookworm"):
        trees.copy(name, tree / "var/lib/machines" / name)
    with module_bare.boot(tree, "--private-users-delegate=2") as booted:
        booted.tree = tree
        yield booted


def _handed_on(machine):
    rows = machine.inside("cat", "/proc/self/uid_map").check().stdout.splitlines()
    return [int(row.split()[0]) for row in rows[1:]]


def test_a_machine_in_a_machine_gets_a_range_of_its_own(delegated):
    name = "minbase"
    rows = [_inner(delegated, "-M", name, "cat", "/proc/self/uid_map", timeout=30).check() for _ in range(2)]
    inside, outside, count = map(int, rows[0].stdout.split())
    assert (inside, count) == (0, 65536) and outside in _handed_on(delegated)
    # Ids cannot be mapped there, so the owners were changed on disk, once.
    assert delegated.inside("stat", "-c", "%u", f"/var/lib/machines/{name}/etc/passwd").stdout == f"{outside}\n"
    assert rows[0].stderr == "" and rows[0].stdout == rows[1].stdout
    assert os.stat(delegated.tree / f"var/lib/machines/{name}/etc/passwd").st_uid == outside


def test_machines_in_a_machine_have_different_ranges_until_there_are_no_more(delegated):
    unit = ["systemd-run", "--quiet", "--service-type=notify", "--property=Delegate=yes"]
    try:
        for name in ("bookworm", "minbase"):
            words = ["-q", "--register=no", "-M", name, "sleep", "60"]
            delegated.inside(*unit, f"--unit=in-{name}", PROGRAM, *words, timeout=40).check()
        text = delegated.inside("sh", "-c", "cat /run/boot-tree/*/record").check().stdout
        bases = [int(line.split("=")[1]) for line in text.splitlines() if line.startswith("ID_BASE=")]
        assert sorted(bases) == sorted(_handed_on(delegated))
        delegated.inside("cp", "-a", "/var/lib/machines/minbase/.", "/var/lib/machines/third").check()
        done = _inner(delegated, "-M", "third", "true")
        assert done.status == 1 and "--private-users-delegate=" in done.stderr and len(done.stderr.splitlines()) == 1
    finally:
        delegated.inside("systemctl", "stop", "in-bookworm", "in-minbase", timeout=30)


def test_a_system_boots_in_a_machine_with_ids_of_its_own(delegated):
    unit = ["systemd-run", "--quiet", "--unit=boots", "--service-type=notify", "--property=Delegate=yes"]
    try:
        done = delegated.inside(*unit, PROGRAM, "--register=no", "-M", "bookworm", "--notify-ready=yes", timeout=40)
        assert done.ok, delegated.inside("journalctl", "--unit=boots", "--no-pager").stdout
        leader = delegated.inside("sh", "-c", ". /run/boot-tree/bookworm/record 2>/dev/null; echo $LEADER").stdout.strip()
        state = delegated.inside("nsenter", "-t", leader, *SPACES, "systemctl", "is-system-running", "--wait")
        assert state.stdout.strip() == "running", state
    finally:
        delegated.inside("systemctl", "stop", "boots", timeout=30)
