# SPDX-License-Identifier: LGPL-2.1-or-later
"""Control groups on a machine without systemd: the payload owns its own, wherever we sit, and it is gone afterwards."""

import os
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import cgroups, inside, paths, proc

DELEGATED = ("", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control")


@pytest.fixture(autouse=True)
def bare_machine():
    """Hosts with systemd have tests of their own."""
    if os.path.isdir("/run/systemd/system"):
        pytest.skip("machine lacks: a PID 1 other than systemd")


@pytest.fixture(scope="module")
def machine(module_bare):
    """A Debian machine with all defaults."""
    with module_bare.boot(module_bare.tree("trixie")) as booted:
        assert booted.system_state() == "running"
        yield booted


def _top(name: str) -> Path:
    return cgroups.unified() / f"boot-tree-{name}"


def test_pid_1_is_in_the_payload_group(machine):
    assert cgroups.of_process(machine.leader).is_relative_to(_top(machine.name) / "payload")


def test_systemd_inside_makes_slices_of_its_own(machine):
    inner = machine.call(os.listdir, "/sys/fs/cgroup")
    assert {"init.scope", "system.slice", "user.slice"} <= set(inner)
    host = os.listdir(_top(machine.name) / "payload")
    assert sorted(inner) == sorted(host)


def test_the_payload_sees_itself_at_the_root(machine):
    assert machine.call(inside.read, "/proc/1/cgroup").splitlines()[-1] == "0::/init.scope"


@pytest.mark.parametrize("name", DELEGATED)
def test_the_payload_owns_what_is_delegated(machine, name):
    base = int(bare_bed.read_record(machine.name)["ID_BASE"])
    st = os.stat(_top(machine.name) / "payload" / name)
    assert (st.st_uid, st.st_gid) == (base, base)


def test_the_payload_owns_nothing_else_of_its_group(machine):
    group = _top(machine.name) / "payload"
    base = int(bare_bed.read_record(machine.name)["ID_BASE"])
    files = {name: os.stat(group / name) for name in os.listdir(group) if (group / name).is_file()}
    own = {name for name, st in files.items() if st.st_uid == base and st.st_mode & 0o222}
    assert own <= {*DELEGATED, "memory.oom.group", "memory.reclaim", *_kernels_own_list()}


def _kernels_own_list() -> set[str]:
    try:
        return set(inside.read("/sys/kernel/cgroup/delegate").split())
    except OSError:
        return set()


def test_the_group_above_belongs_to_the_host(machine):
    top = _top(machine.name)
    assert {os.stat(path).st_uid for path in [top, *(path for path in top.iterdir() if path.is_file())]} == {0}


def test_limits_of_its_own_group_are_closed_to_it(machine):
    refused = [
        name
        for name in ("cgroup.max.depth", "cgroup.max.descendants", "cgroup.freeze", "cgroup.kill", "cgroup.type")
        if machine.call(inside.refusal, inside.open_for_writing, f"/sys/fs/cgroup/{name}") == "EACCES"
    ]
    assert len(refused) == 5


def test_it_can_make_and_fill_groups_of_its_own(machine):
    script = "mkdir /sys/fs/cgroup/mine && (echo 0 >/sys/fs/cgroup/mine/cgroup.procs; cat /proc/self/cgroup | tail -1)"
    assert machine.shell(f"{script}; sleep .1; rmdir /sys/fs/cgroup/mine").check().stdout == "0::/mine\n"


def test_it_cannot_leave_its_group(machine):
    def try_it():
        inside.unshare(inside.KINDS["mnt"])
        inside.mount("cgroup2", "/mnt", "cgroup2")
        return sorted(os.listdir("/mnt")) == sorted(os.listdir("/sys/fs/cgroup"))

    assert machine.call(try_it)


def test_the_group_is_gone_at_the_end(bare, tree):
    with bare.start(tree, "sh", "-c", "setsid sleep 60 & sleep .2; exit 5") as machine:
        proc.wait_for(lambda: _top(machine.name).exists(), 5, "the group")
        assert machine.wait(5) == 5
        assert not _top(machine.name).exists()


def test_it_works_where_the_root_group_has_members(bare, tree):
    assert (cgroups.unified() / "cgroup.procs").read_text(encoding="ascii"), "this machine has none there"
    script = "sleep 60 & mkdir /sys/fs/cgroup/x && tail -1 /proc/self/cgroup"
    done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("root"), "sh", "-c", script).check()
    assert done.stdout == "0::/\n"


@pytest.fixture
def leaf():
    """A group two levels down that has a member of its own; given back as the path of the lower one."""
    top = cgroups.make(f"{paths.SESSION}-top")
    path = top / "leaf"
    path.mkdir()
    member = proc.start(["sleep", "100"], preexec_fn=lambda: cgroups.join(path))
    yield path
    proc.kill_group(member)
    cgroups.remove(top)


def test_from_within_a_leaf_with_members_it_makes_a_sibling(bare, leaf):
    tree, name = bare.tree("trixie"), bare_bed.new_name("leaf")
    words = [bare.program, "-D", str(tree), "-M", name, "--notify-ready=yes"]
    joined = ["sh", "-c", f'echo 0 >{leaf}/cgroup.procs; exec "$0" "$@"']
    booted = bare_bed.Booted([*joined, *words], name)
    with booted as machine:
        machine.wait_ready(20)
        assert machine.system_state() == "running"
        assert cgroups.of_process(machine.leader).is_relative_to(leaf.parent / f"boot-tree-{name}" / "payload")
        assert cgroups.of_process(machine.process.pid) == leaf
        assert machine.terminate() == 0
        assert sorted(path.name for path in leaf.parent.iterdir() if path.is_dir()) == ["leaf"]


def test_at_the_root_of_a_group_namespace_it_moves_into_a_leaf(bare, leaf, tree):
    # A container without systemd: its root group is not the kernel's, and has members.
    mount = "mount -t cgroup2 none /sys/fs/cgroup"
    script = f'echo 0 >{leaf}/cgroup.procs; exec unshare --cgroup --mount sh -c \'{mount}; exec "$0" "$@"\' "$0" "$@"'
    name = bare_bed.new_name("ns")
    done = proc.run(
        "sh", "-c", script, bare.program, "-q", "-D", tree, "-M", name, "sh", "-c", "mkdir /sys/fs/cgroup/x; echo $?"
    )
    assert (done.status, done.stdout) == (0, "0\n"), done
    assert not (leaf / f"boot-tree-{name}").exists()


def test_keep_unit_splits_the_group_that_we_are_in(bare, tree):
    unit = cgroups.make(f"{paths.SESSION}-unit")
    name = bare_bed.new_name("keep")
    words = [bare.program, "-q", "-D", str(tree), "-M", name, "--keep-unit", "--register=no", "sleep", "60"]
    try:
        with bare_bed.Booted(["sh", "-c", f'echo 0 >{unit}/cgroup.procs; exec "$0" "$@"', *words], name) as machine:
            machine.wait_started()
            assert cgroups.of_process(machine.leader) == unit / "payload"
            assert cgroups.of_process(machine.process.pid) == unit / "supervisor"
            machine.terminate(5)
            assert not (unit / "payload").exists()
    finally:
        cgroups.remove(unit)


def test_only_the_unified_mount_of_a_hybrid_host_is_touched(machine):
    folders = [path for path in Path("/sys/fs/cgroup").iterdir() if path.is_dir() and path != cgroups.unified()]
    if not folders or cgroups.unified() == Path("/sys/fs/cgroup"):
        return  # One hierarchy only: nothing else could be touched.
    assert [path for path in folders if (path / f"boot-tree-{machine.name}").exists()] == []
    rows = inside.read(f"/proc/{machine.leader}/cgroup").splitlines()
    assert [row for row in rows if machine.name in row] == [rows[-1]]
