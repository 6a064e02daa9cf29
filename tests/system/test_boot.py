# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's systemd from 247 to 262 boots, says how it is, and ends in every way that there is."""

import os
import signal
import stat

import pytest

from beds import bare as bare_bed
from beds import inside, paths, proc, trees

GUESTS = ("bullseye", "bookworm", "trixie", "sid")
BASE = 0x10000 * 4713

# (guest, mode): units that fail there, and why that is right. All others come up as "running".
FAILED_UNITS: dict[tuple[str, str], dict[str, str]] = {}


@pytest.fixture(scope="module", params=GUESTS)
def guest(request):
    """Each guest in turn; pytest runs all tests of one before those of the next."""
    return request.param


@pytest.fixture(scope="module")
def tree(guest):
    """The guest's tree, used by one test after the other: a machine that was powered off boots again."""
    path = trees.copy(guest)
    yield path
    paths.remove_tree(path)


def assert_up(machine, guest, mode="pick"):
    """Running, or degraded by exactly the units of the table."""
    state = machine.system_state()
    rows = machine.inside("systemctl", "--failed", "--no-legend", "--plain").stdout.splitlines()
    assert {row.split()[0] for row in rows} == set(FAILED_UNITS.get((guest, mode), {})), rows
    assert state == ("degraded" if rows else "running"), machine.output


def _times_ready(machine) -> int:
    machine.notify.read()
    return machine.notify.fields.count(("READY", "1"))


def assert_orderly(machine, status):
    """Ended by its own power-off, which a kill cannot look like."""
    assert status == 0, machine.output
    assert "Powering off." in machine.output or "Reached target" in machine.output, machine.output


def test_boots_and_powers_off_on_a_signal(bare, guest, tree):
    with bare.boot(tree) as machine:
        assert_up(machine, guest)
        assert_orderly(machine, machine.terminate())


def test_powers_off_from_inside(bare, guest, tree):
    with bare.boot(tree) as machine:
        assert_up(machine, guest)
        assert_orderly(machine, machine.poweroff())


def test_exit_status_of_systemctl_exit_is_ours(bare, guest, tree):
    with bare.boot(tree) as machine:
        assert_up(machine, guest)
        machine.inside("systemctl", "--no-block", "exit", "7")
        assert machine.wait() == 7, machine.output


def test_a_reboot_goes_on_in_the_same_program_under_the_same_name(bare, guest, tree):
    with bare.boot(tree) as machine:
        assert_up(machine, guest)
        first = machine.leader
        boot_id = machine.call(inside.read, "/proc/sys/kernel/random/boot_id")
        machine.shell("touch /run/before /root/before").check()
        machine.inside("systemctl", "--no-block", "reboot")
        proc.wait_for(lambda: _times_ready(machine) == 2, 20, "the second time to be ready")
        assert machine.leader != first
        assert_up(machine, guest)
        assert machine.is_running
        record = bare_bed.read_record(machine.name)
        assert (record["NAME"], int(record["LEADER"])) == (machine.name, machine.leader)
        assert int(record["MANAGER"]) == machine.process.pid
        assert machine.call(inside.read, "/proc/sys/kernel/random/boot_id") != boot_id
        assert float(machine.call(inside.read, "/proc/uptime").split()[0]) < 30
        assert machine.shell("ls -d /run/before /root/before").stdout == "/root/before\n"
        assert_orderly(machine, machine.poweroff())


def test_boots_without_a_user_namespace(bare, guest, tree):
    with bare.boot(tree, "--private-users=no") as machine:
        assert_up(machine, guest, "no")
        assert os.stat(f"/proc/{machine.leader}").st_uid == 0
        assert_orderly(machine, machine.terminate())


MODES = {
    "identity": (["--private-users=identity"], 0, 65536),
    "base": ([f"--private-users={BASE}"], BASE, 65536),
    "base-and-count": ([f"--private-users={BASE}:131072"], BASE, 131072),
    "odd-base": ([f"--private-users={BASE + 5}:65536"], BASE + 5, 65536),
    "nspawn-letter": (["-U"], None, 65536),
}


@pytest.mark.parametrize("mode", sorted(MODES))
def test_boots_with_each_kind_of_user_namespace(bare, mode):
    options, base, count = MODES[mode]
    tree = bare.tree("trixie")
    with bare.boot(tree, *options) as machine:
        assert_up(machine, "trixie", mode)
        row = [int(word) for word in inside.read(f"/proc/{machine.leader}/uid_map").split()]
        assert row[0] == 0 and row[2] == count and (row[1] == base or base is None)
        if base is None:
            assert row[1] >= 524288 and row[1] % 65536 == 0
        assert machine.call(os.stat, "/etc/passwd").st_uid == 0
        assert os.stat(tree / "etc/passwd").st_uid == 0
        assert_orderly(machine, machine.terminate())


def _shift(tree, base):
    """Changes all owners to the range from BASE on; modes stay."""
    for folder, folders, names in os.walk(tree):
        for path in [folder, *(f"{folder}/{name}" for name in folders + names)]:
            st = os.lstat(path)
            if st.st_uid >= base:
                continue
            os.lchown(path, base + st.st_uid, base + st.st_gid)
            if not stat.S_ISLNK(st.st_mode):
                os.chmod(path, stat.S_IMODE(st.st_mode))


def _owners(tree):
    """Owner, group and mode of everything in the tree."""
    found = {}
    for folder, folders, names in os.walk(tree):
        for name in folders + names:
            st = os.lstat(f"{folder}/{name}")
            found[os.path.relpath(f"{folder}/{name}", tree)] = (st.st_uid, st.st_gid, st.st_mode)
    return found


def test_a_shifted_tree_boots_with_the_ids_of_its_owner(bare):
    tree = bare.tree("bookworm")
    _shift(tree, BASE)
    with bare.boot(tree, "--private-users=yes") as machine:
        assert_up(machine, "bookworm", "yes")
        assert inside.read(f"/proc/{machine.leader}/uid_map").split() == ["0", str(BASE), "65536"]
        machine.shell("touch /root/new").check()
        assert os.stat(tree / "root/new").st_uid == BASE
        assert_orderly(machine, machine.terminate())


def test_ownership_by_chown_shifts_every_file_once(bare):
    tree = bare.tree("bookworm")
    before = _owners(tree)
    options = (f"--private-users={BASE}", "--private-users-ownership=chown")
    bare.run("-D", tree, "-M", bare_bed.new_name("own"), *options, "true", timeout=30).check()
    shifted = {name: (uid + BASE, gid + BASE, mode) for name, (uid, gid, mode) in before.items()}
    after = _owners(tree)
    assert {name: after[name] for name in shifted if after[name] != shifted[name]} == {}
    assert any(mode & stat.S_ISUID for _, _, mode in shifted.values())
    with bare.boot(tree, *options) as machine:
        assert_up(machine, "bookworm", "chown")
        assert machine.call(os.stat, "/etc/passwd").st_uid == 0
        assert os.stat(tree / "etc/passwd").st_uid == BASE
        assert_orderly(machine, machine.terminate())


def test_picked_ids_are_the_same_each_time_and_free(bare, tree_cache):
    words = ["-q", "-D", tree_cache.unpacked("minbase"), "-M", bare_bed.new_name("pick"), "cat", "/proc/self/uid_map"]
    rows = [bare.run(*words).check().stdout.split() for _ in range(2)]
    assert rows[0] == rows[1] and int(rows[0][1]) >= 524288 and rows[0][2] == "65536"


def test_machines_at_the_same_time_have_different_ids(bare):
    trees_of_it = [bare.tree("minbase") for _ in range(3)]
    machines = [bare.start(tree, "sleep", "60") for tree in trees_of_it]
    try:
        for machine in machines:
            machine.wait_started()
        assert len({bare_bed.read_record(machine.name)["ID_BASE"] for machine in machines}) == 3
    finally:
        for machine in machines:
            machine.close()


# reboot(2) for a restart
REBOOT = f"syscall({169 if os.uname().machine == 'x86_64' else 142}, 0xfee1dead, 672274793, 0x1234567, 0)"


def test_a_reboot_as_the_answer_to_a_stop_is_an_end(bare, tree_cache):
    script = f"$SIG{{USR1}} = sub {{ {REBOOT} }}; sleep 1 while 1"
    options = ("--kill-signal=SIGUSR1", "--console=passive", "perl", "-e", script)
    with bare.start(tree_cache.unpacked("minbase"), *options) as machine:
        machine.wait_started()
        assert machine.terminate(10) == 0, machine.output


def test_a_second_signal_kills(bare, tree_cache):
    script = "trap : USR1; echo up; while :; do sleep 1; done"
    options = ("--kill-signal=SIGUSR1", "--console=read-only", "sh", "-c", script)
    with bare.start(tree_cache.unpacked("minbase"), *options) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        machine.process.send_signal(signal.SIGTERM)
        assert machine.notify.wait("STOPPING", "1", 5, lambda: machine.is_running)
        assert machine.is_running
        assert machine.terminate(5) == 1, machine.output


@pytest.mark.parametrize("verb", ["halt", "poweroff --force --force"])
def test_other_ways_to_power_off_are_a_success_too(bare, verb):
    with bare.boot(bare.tree("trixie")) as machine:
        machine.shell(f"systemctl --no-block {verb}")
        assert machine.wait() == 0, machine.output


@pytest.mark.parametrize("words", [["systemd.unit=rescue.target"], ["--", "--unit=rescue.target", "two words"]])
def test_words_go_to_init(bare, words):
    with bare.start(bare.tree("trixie"), "-b", *words) as machine:
        proc.wait_for(lambda: "Reached target rescue.target" in machine.output, 20, "the rescue shell")
        line = inside.read(f"/proc/{machine.leader}/cmdline").split("\0")[:-1]
        assert line == ["/usr/lib/systemd/systemd", *(word for word in words if word != "--")]


def test_an_assignment_becomes_environment_of_init(bare):
    with bare.boot(bare.tree("trixie"), "-b", "some-KEY=value", "systemd.log-target=console") as machine:
        environment = inside.read(f"/proc/{machine.leader}/environ").split("\0")
        assert "some_KEY=value" in environment
        assert "systemd.log-target=console" in inside.read(f"/proc/{machine.leader}/cmdline").split("\0")
