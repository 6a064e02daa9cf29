# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ranges of ids: several, handed on, and the locks on them. Single ranges and owners are in test_boot.py."""

import os
import signal
import subprocess
from pathlib import Path

from beds import bare as bare_bed
from beds import proc

LOCKS = Path("/run/systemd/nspawn-uid")
RANGES = "0:720896:1000,1000:1000:1,1001:721897:64535"


def _map_lines(text):
    return [tuple(map(int, line.split())) for line in text.splitlines()]


def _dry_base(bare, tree, name):
    """The range that machine NAME would pick."""
    plan = bare.run("-q", "-D", tree, "-M", name, "--dry-run", "true").check().stdout
    return next(int(line.split()[1]) for line in plan.splitlines() if "root_id:" in line)


def test_users_and_groups_get_the_ranges_in_their_order(bare, tree):
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("ids"), f"--private-users={RANGES}"]
    done = bare.run(*words, "cat", "/proc/self/uid_map", "/proc/self/gid_map").check()
    assert _map_lines(done.stdout) == [(0, 720896, 1000), (1000, 1000, 1), (1001, 721897, 64535)] * 2


def test_owners_on_disk_are_the_ids_inside_in_all_ranges(bare):
    tree = bare.tree("minbase")
    script = "cd /var && for i in 0 999 1000 1001 65535; do touch $i && chown $i:$i $i; done; stat -c %u:%g *[0-9]"
    done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("own"), f"--private-users={RANGES}", "sh", "-c", script)
    assert done.check().stdout.split() == ["0:0", "1000:1000", "1001:1001", "65535:65535", "999:999"]
    for number in (0, 999, 1000, 1001, 65535):
        assert os.stat(tree / f"var/{number}").st_uid == number


def test_a_process_is_on_the_host_what_its_range_says(bare, tree):
    with bare.start(tree, f"--private-users={RANGES}", "--uid=1000", "sleep", "60") as machine:
        machine.wait_started()
        assert os.stat(f"/proc/{machine.leader}").st_uid == 1000


def test_an_id_of_no_range_cannot_be_taken(bare, tree):
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("none"), "--private-users=0:720896:1000,2000:722896:10"]
    assert bare.run(*words, "-u", "2009", "id", "-u").check().stdout == "2009\n"
    done = bare.run(*words, "-u", "1000", "id", "-u")
    assert (done.status, len(done.stderr.splitlines())) == (1, 1) and "1000" in done.stderr, done


def test_ranges_to_hand_on_have_the_same_numbers_inside_and_are_locked(bare, tree):
    name = bare_bed.new_name("hand")
    with bare.start(tree, "--private-users-delegate=2", "sleep", "60", name=name) as machine:
        machine.wait_started()
        rows = _map_lines(Path(f"/proc/{machine.leader}/uid_map").read_text(encoding="ascii"))
        assert [row[0] for row in rows[1:]] == [row[1] for row in rows[1:]] and len(rows) == 3
        assert [row[2] for row in rows] == [65536] * 3 and min(row[1] for row in rows) >= 524288
        bases = {str(row[1]) for row in rows}
        assert bases == set(bare_bed.read_record(name)["ID_LOCKS"].split())
        assert bases <= set(os.listdir(LOCKS))
    assert not bases & set(os.listdir(LOCKS))
    again = bare.run("-q", "-D", tree, "-M", name, "--private-users-delegate=2", "cat", "/proc/self/uid_map").check()
    assert _map_lines(again.stdout) == rows


def test_locks_of_a_killed_run_are_swept(bare, tree):
    with bare.start(tree, "--private-users-delegate=3", "sleep", "60") as machine:
        machine.wait_started()
        bases = set(bare_bed.read_record(machine.name)["ID_LOCKS"].split())
        machine.process.send_signal(signal.SIGKILL)
        machine.wait(5)
    assert len(bases) == 4
    bare.run("-q", "-D", tree, "-M", bare_bed.new_name("next"), "true").check()
    assert not bases & set(os.listdir(LOCKS))


def test_a_range_that_is_named_is_not_picked_by_others(bare):
    trees_of_it = [bare.tree("minbase") for _ in range(2)]
    name = bare_bed.new_name("pick")
    base = _dry_base(bare, trees_of_it[0], name)
    with bare.start(trees_of_it[1], f"--private-users={base + 70}:1000", "sleep", "60") as machine:
        machine.wait_started()
        assert _dry_base(bare, trees_of_it[0], name) != base
    assert _dry_base(bare, trees_of_it[0], name) == base


def test_two_machines_can_be_run_in_one_range_on_purpose(bare):
    first, second = [bare.tree("minbase") for _ in range(2)]
    words = ["--private-users=786432", "--private-users-ownership=map"]
    with bare.start(first, *words, "sleep", "60") as machine:
        machine.wait_started()
        done = bare.run("-q", "-D", second, "-M", bare_bed.new_name("two"), *words, "true").check()
        assert done.stderr == ""
        assert (LOCKS / "786432").exists(), "the first machine still has it"


def test_a_range_that_somebody_has_picked_can_be_named_with_a_warning(bare):
    first, second = [bare.tree("minbase") for _ in range(2)]
    with bare.start(first, "sleep", "60") as machine:
        machine.wait_started()
        base = bare_bed.read_record(machine.name)["ID_BASE"]
        done = bare.run("-q", "-D", second, "-M", bare_bed.new_name("also"), f"--private-users={base}", "echo", "ran")
        assert done.check().stdout == "ran\n" and len(done.stderr.splitlines()) == 1 and base in done.stderr


def _logins() -> set[int]:
    """The ids of the users of this machine."""
    return {int(line.split(":")[2]) for line in Path("/etc/passwd").read_text("utf-8").splitlines()}


def test_two_hundred_machines_at_once_have_ids_that_nobody_else_has(bare, tree_cache):
    """Started together, of a tree each: none shares an id with another, with the host's root or with a login."""
    names = [bare_bed.new_name(f"many{i}") for i in range(200)]
    words = ["-q", "--console=pipe", "cat", "/proc/self/uid_map", "/proc/self/gid_map", "-"]
    processes = []
    try:
        for i, name in enumerate(names):
            tree = bare.folder(f"tree{i}")
            (tree / "usr").mkdir()
            options = [f"--bind-ro={tree_cache.unpacked('busybox')}/bin:/usr", "--private-users=pick", "-D", tree, "-M", name]
            command = [bare.program, *options, *words[:2], "/usr/busybox", *words[2:]]
            processes.append(proc.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        # All of them run until each has said what it has, and waits for more.
        lines = [[process.stdout.readline().decode() for _ in range(2)] for process in processes]
    finally:
        texts = [process.communicate(timeout=20)[0].decode() for process in processes]
        for process in processes:
            proc.kill_group(process)
    assert texts == [""] * 200 and all(process.returncode == 0 for process in processes), texts
    ranges = {}
    for users, groups in lines:
        assert users == groups
        ((inside, outside, count),) = _map_lines(users)
        assert (inside, count) == (0, 65536) and outside >= 65536, users
        ranges[outside] = range(outside, outside + count)
    starts = sorted(ranges)
    assert len(starts) == 200 and all(later - earlier >= 65536 for earlier, later in zip(starts, starts[1:])), starts
    assert not [login for login in _logins() for ids in ranges.values() if login in ids]
