# SPDX-License-Identifier: LGPL-2.1-or-later
"""--ephemeral: a copy of the tree in no time, that leaves nothing."""

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import cgroups, paths, proc, treehash

pytestmark = pytest.mark.own_tree("busybox")
PLACES = ["disk", "memory"]
USERS = ["pick", "no"]

# Changes of every kind that a payload can make, with what it sees of them.
CHANGE = """
set -e
echo new >/added; chown 1000:1000 /added; chmod 4755 /added
echo more >>/etc/passwd
rm /etc/os-release
mv /etc /moved; mkdir /etc; chown 7:8 /etc
ln /added /linked
stat -c '%u %g %a %h' /added; stat -c '%u:%g' / /etc /moved/passwd; ls /etc; tail -n 1 /moved/passwd
"""
SEEN = "1000 1000 4755 2\n0:0\n7:8\n0:0\nmore\n"


def _hidden(tree: Path) -> list[Path]:
    """What runs have made beside the tree and not removed."""
    return sorted(tree.parent.glob(f".#{tree.name}.{16 * '?'}"))


@pytest.mark.parametrize("users", USERS)
@pytest.mark.parametrize("place", PLACES)
def test_changes_are_seen_inside_and_never_in_the_tree(bare, tree, place, users):
    before = treehash.snapshot(tree)
    options = [f"--ephemeral={place}", f"--private-users={users}", "-q"]
    done = bare.run(*options, "-D", tree, "-M", bare_bed.new_name("eph"), "sh", "-c", CHANGE).check()
    assert done.stdout == SEEN
    assert treehash.snapshot(tree) == before
    assert not _hidden(tree)


def test_the_tree_is_not_even_touched_for_folders_that_it_lacks(bare, tree):
    os.rmdir(tree / "root")
    before = treehash.snapshot(tree)
    bare.run("-xq", "-D", tree, "-M", bare_bed.new_name("eph"), "ls", "-d", "/root").check()
    assert treehash.snapshot(tree) == before


def test_what_is_written_on_disk_is_closed_to_other_users_and_has_the_tree_s_ids(bare, tree):
    with bare.start(tree, "-x", "sh", "-c", "echo x >/file; echo done; sleep 60") as machine:
        proc.wait_for(lambda: "done" in machine.lines, 10, "the file")
        [hidden] = _hidden(tree)
        assert (hidden.stat().st_mode & 0o7777, hidden.stat().st_uid) == (0o700, 0)
        assert (hidden / "data/file").stat().st_uid == 0
        assert bare_bed.read_record(machine.name)["UPPER"] == str(hidden)
        machine.terminate()


def test_without_a_name_every_copy_gets_one_of_its_own(bare, tree):
    script = "hostname"
    names = {bare.run("-xq", "-D", tree, "sh", "-c", script).check().stdout.strip() for _ in range(2)}
    assert len(names) == 2
    for name in names:
        stem, _, suffix = name.rpartition("-")
        assert tree.name.startswith(stem) and len(name) <= 64
        assert len(suffix) == 16 and int(suffix, 16) >= 0


def test_many_run_at_once_from_one_tree(bare, tree):
    words = ["-xq", "-D", tree, "sh", "-c", "test ! -e /mine && echo $$ >/mine && sleep 1 && cat /mine"]
    results: list = []

    def run():
        results.append(bare.run(*words, timeout=60))

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [done.check().stdout for done in results] == ["1\n"] * 12
    assert not _hidden(tree)


def test_a_tree_that_is_run_itself_cannot_be_copied(bare, tree):
    with bare.start(tree, "sleep", "60") as machine:
        machine.wait_started()
        done = bare.run("-xq", "-D", tree, "true")
        machine.terminate()
    assert done.status != 0 and f"in use by machine '{machine.name}'" in done.stderr


def test_a_copy_keeps_the_tree_from_being_run_itself(bare, tree):
    with bare.start(tree, "-x", "sleep", "60") as machine:
        machine.wait_started()
        done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("eph"), "true")
        read_only = bare.run("-q", "--read-only", "-D", tree, "-M", bare_bed.new_name("eph"), "true")
        machine.terminate()
    assert done.status != 0 and "is in use" in done.stderr
    assert read_only.status == 0, read_only.stderr


@pytest.mark.parametrize("users", USERS)
@pytest.mark.parametrize("place", PLACES)
def test_changes_survive_a_reboot_inside(bare, tree, place, users):
    program = tree / "reboots"
    source = Path(__file__).parent / "payload/reboots.c"
    subprocess.run(["cc", "-static", "-O", "-o", program, source], check=True)
    name = bare_bed.new_name("eph")
    options = [f"--ephemeral={place}", f"--private-users={users}", "-q"]
    done = bare.run(*options, "-D", tree, "-M", name, "/reboots", "3", timeout=20)
    assert done.status == 3, done.stderr
    assert not (tree / "boots").exists()
    assert not _hidden(tree)


@pytest.fixture
def own_records(bare):
    """Words in front of boot-tree that give it state records of its own, or whoever else starts a machine here
    meanwhile would sweep what a test has left on purpose."""
    Path("/run/boot-tree").mkdir(exist_ok=True)
    bind = f'mount --bind {bare.folder("records")} /run/boot-tree && exec "$0" "$@"'
    return ["unshare", "--mount", "sh", "-c", bind]


def test_the_next_start_of_any_machine_sweeps_what_a_killed_one_left(bare, tree, own_records):
    lock = "chattr +i /file 2>/dev/null || true"
    script = f"mkdir -p /a/b/c; echo x >/file; {lock}; echo done; sleep 60"
    other = bare.tree("busybox")
    with bare.start(tree, "-x", "--private-users=no", "sh", "-c", script, prefix=own_records) as machine:
        proc.wait_for(lambda: "done" in machine.lines, 10, "the files")
        os.kill(machine.process.pid, signal.SIGKILL)
        machine.wait()
    assert len(_hidden(tree)) == 1
    words = [*own_records, bare.program, "-q", "-D", other, "-M", bare_bed.new_name("eph"), "true"]
    proc.run(*words).check()
    assert not _hidden(tree)


def test_a_copy_sweeps_what_was_left_when_the_host_went_down(bare, tree):
    old = tree.parent / f".#{tree.name}.0123456789abcdef"
    (old / "data/folder").mkdir(parents=True)
    old.chmod(0o700)
    other = tree.parent / f".#{tree.name}.0123456789abcdeX"
    other.mkdir(mode=0o700)
    with bare.start(tree, "-x", "sleep", "60") as machine:
        machine.wait_started()
        assert not old.exists() and other.exists()
        [hidden] = [path for path in _hidden(tree) if path != other]
        bare.run("-xq", "-D", tree, "true").check()
        assert hidden.exists(), "of a machine that runs"
        machine.terminate()
    other.rmdir()


def test_a_sweep_removes_nothing_that_took_the_folder_s_place(bare, tree, own_records):
    victim = bare.folder("victim")
    (victim / "file").touch()
    with bare.start(tree, "-x", "sleep", "60", prefix=own_records) as machine:
        machine.wait_started()
        [hidden] = _hidden(tree)
        os.kill(machine.process.pid, signal.SIGKILL)
        machine.wait()
    hidden.rename(tree.parent / "aside")
    hidden.symlink_to(victim)
    words = [*own_records, bare.program, "-q", "-D", tree, "-M", bare_bed.new_name("eph"), "true"]
    proc.run(*words).check()
    assert (victim / "file").exists()
    hidden.unlink()
    hidden.mkdir(mode=0o755)
    (hidden / "file").touch()
    done = proc.run(*words).check()
    assert (hidden / "file").exists()
    paths.remove_tree(hidden)
    paths.remove_tree(tree.parent / "aside")


@pytest.fixture
def file_system(bare, request):
    """A folder on a new file system of the kind that the test is parametrized with."""
    folder = bare.folder("fs")
    image = bare.folder("image") / "image"
    with open(image, "wb") as file:
        file.truncate(400 << 20)
    subprocess.run([f"mkfs.{request.param}", "-q", image], check=True, capture_output=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def _copy(tree: Path, to: Path) -> None:
    subprocess.run(["cp", "-a", tree, to], check=True)


@pytest.mark.parametrize("file_system", ["ext4", "xfs", "btrfs"], indirect=True)
@pytest.mark.parametrize("users", USERS)
def test_what_is_written_is_on_the_tree_s_file_system(bare, tree, file_system, users):
    copy = file_system / "tree"
    _copy(tree, copy)
    script = "grep ' / ' /proc/mounts; " + CHANGE
    done = bare.run("-x", f"--private-users={users}", "-D", copy, "-M", bare_bed.new_name("eph"), "sh", "-c", script)
    done.check()
    assert "overlay" in done.stdout and done.stdout.endswith(SEEN)
    assert "memory" not in done.stderr
    assert not _hidden(copy)


def test_a_file_system_that_cannot_hold_what_is_written_is_left_for_memory_with_a_notice(bare, tree):
    folder = bare.folder("ramfs")
    subprocess.run(["mount", "-t", "ramfs", "ramfs", folder], check=True)
    try:
        _copy(tree, folder / "tree")
        words = ["-D", folder / "tree", "-M", bare_bed.new_name("eph"), "sh", "-c", "echo x >/new; cat /new"]
        done = bare.run("-x", "--private-users=no", "--console=read-only", *words).check()
        assert os.listdir(folder) == ["tree"]
    finally:
        subprocess.run(["umount", folder], check=True)
    assert done.stdout == "x\r\n"
    assert f"'{folder}' cannot hold what the payload changes, it is kept in memory" in done.stderr


def test_a_read_only_file_system_is_left_for_memory_with_a_notice(bare, tree):
    folder = bare.folder("ro")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    try:
        _copy(tree, folder / "tree")
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        words = ["-D", folder / "tree", "-M", bare_bed.new_name("eph"), "sh", "-c", "echo x >/new; cat /new"]
        done = bare.run("-x", "--console=read-only", *words).check()
    finally:
        subprocess.run(["umount", folder], check=True)
    assert done.stdout == "x\r\n"
    assert "it is kept in memory" in done.stderr


def test_an_overlay_is_left_for_memory_with_a_notice(bare, tree):
    folder, layers = bare.folder("ovl"), bare.folder("layers")
    for name in ("upper", "work"):
        (layers / name).mkdir()
    options = f"lowerdir={tree.parent},upperdir={layers}/upper,workdir={layers}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, folder], check=True)
    try:
        words = ["-D", folder / tree.name, "-M", bare_bed.new_name("eph"), "sh", "-c", "echo x >/new; cat /new"]
        done = bare.run("-x", "--console=read-only", "--private-users=no", *words).check()
    finally:
        subprocess.run(["umount", folder], check=True)
    assert done.stdout == "x\r\n"
    assert "it is kept in memory" in done.stderr


def test_what_is_mounted_below_the_tree_is_named_and_not_seen(bare, tree):
    (tree / "srv").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", tree / "srv"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", tree / "tmp"], check=True)
    try:
        (tree / "srv/file").touch()
        done = bare.run("-x", "--console=read-only", "-D", tree, "-M", bare_bed.new_name("eph"), "ls", "/srv").check()
    finally:
        subprocess.run(["umount", tree / "srv", tree / "tmp"], check=True)
    assert done.stdout == ""
    assert f"Not part of the overlay, since they are mounted there: '{tree}/srv'\n" in done.stderr


@pytest.mark.parametrize("users", USERS)
@pytest.mark.parametrize("place", PLACES)
def test_the_running_system_can_be_copied(bare, place, users):
    # On the file system of the root, which the session's folder may not be.
    marker = Path("/var/lib") / bare_bed.new_name("marker")
    marker.touch()
    options = [f"--ephemeral={place}", f"--private-users={users}", "-q", "-D", "/", "-M", bare_bed.new_name("eph")]
    script = f"rm {marker} && rm -r /etc/apt && ls -d /proc/self /dev/null && echo gone"
    try:
        done = bare.run(*options, "sh", "-c", script, timeout=30).check()
        assert done.stdout == "/dev/null\n/proc/self\ngone\n"
        assert marker.exists() and Path("/etc/apt").exists()
    finally:
        marker.unlink()
    assert not list(Path("/var/lib").glob(".#root.*"))


def test_a_system_boots_in_a_copy(bare, tree_cache):
    tree = tree_cache.unpacked("bookworm")
    with bare.boot(tree, "-x") as machine:
        assert machine.system_state() == "running"
        assert machine.poweroff() == 0


@pytest.fixture
def unit():
    """A control group that stands for a unit."""
    group = cgroups.make(f"{paths.SESSION}-unit")
    yield group
    cgroups.remove(group)


@pytest.fixture
def boot_in_unit(bare, tree, unit):
    """Runs the program that reboots, as a unit would: each boot is a process of its own."""
    source = Path(__file__).parent / "payload/reboots.c"
    subprocess.run(["cc", "-static", "-O", "-o", tree / "reboots", source], check=True)
    name = bare_bed.new_name("eph")

    def boot(*options):
        script = f'echo 0 >{unit}/cgroup.procs; exec "$0" "$@"'
        words = ["-q", "--keep-unit", "--register=no", "-D", tree, "-M", name, *options, "/reboots", "2"]
        return proc.run("sh", "-c", script, bare.program, *words)

    return boot


@pytest.mark.parametrize("users", USERS)
def test_in_a_unit_changes_on_disk_wait_for_the_next_boot(bare, tree, boot_in_unit, users):
    other = bare.tree("busybox")
    for _ in range(2):
        done = boot_in_unit("-x", f"--private-users={users}")
        assert done.status == 133, done.stderr
        [hidden] = _hidden(tree)
        # Nobody else's start removes them.
        bare.run("-xq", "-D", tree, "true").check()
        bare.run("-q", "-D", other, "-M", bare_bed.new_name("eph"), "true").check()
        assert _hidden(tree) == [hidden]
    assert boot_in_unit("-x", f"--private-users={users}").status == 3, "the third boot of one system"
    assert not _hidden(tree) and not (tree / "boots").exists()


@pytest.mark.parametrize("end", ["late", "another start", "--cleanup", "memory"])
def test_changes_that_nobody_comes_for_are_removed(bare, tree, boot_in_unit, end):
    done = boot_in_unit("--ephemeral=memory" if end == "memory" else "-x")
    assert done.status == 133, done.stderr
    if end == "late":
        (_hidden(tree)[0] / "left").write_text("1", encoding="ascii")
        bare.run("-q", "-D", bare.tree("busybox"), "-M", bare_bed.new_name("eph"), "true").check()
    elif end == "another start":
        assert boot_in_unit().status == 133
        (tree / "boots").unlink()
    elif end == "--cleanup":
        bare.run("--cleanup", "-M", done.args[done.args.index("-M") + 1]).check()
    assert not _hidden(tree)
