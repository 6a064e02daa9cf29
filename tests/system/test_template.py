# SPDX-License-Identifier: LGPL-2.1-or-later
"""--template=: a tree that does not exist is made a copy of another one."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import paths, proc, treehash

pytestmark = pytest.mark.own_tree("busybox")


@pytest.fixture
def place(bare):
    """Where a tree can be made, in a folder of its own."""
    folder = bare.folder("place")
    folder.chmod(0o755)
    return folder / "new"


def _hidden(place: Path) -> list[Path]:
    return sorted(place.parent.glob(".#*"))


def _words(tree: Path, place: Path, *words) -> list:
    return ["-q", "-M", bare_bed.new_name("tpl"), "-D", place, f"--template={tree}", *words]


def _add_all_kinds(tree: Path) -> None:
    os.mknod(tree / "device", 0o600 | 0o020000, os.makedev(1, 7))
    os.mkfifo(tree / "fifo", 0o640)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree / "socket"))
    (tree / "link").symlink_to("/etc/../nowhere")
    (tree / "name with \n in it").write_text("x", encoding="ascii")
    (tree / "set-id").write_text("x", encoding="ascii")
    os.chown(tree / "set-id", 3, 4)
    os.chmod(tree / "set-id", 0o6755)
    os.link(tree / "set-id", tree / "etc/set-id")
    os.setxattr(tree / "set-id", "user.note", b"hello")
    subprocess.run(["setfacl", "-m", "u:7:rw", tree / "etc"], check=True)
    with open(tree / "sparse", "wb") as file:
        file.truncate(1 << 30)
    os.chmod(tree / "tmp", 0o1777)


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_copy_is_like_its_template_and_is_made_once(bare, tree, place, users):
    _add_all_kinds(tree)
    before = treehash.snapshot(tree)
    options = [f"--private-users={users}", "--read-only"]
    bare.run(*_words(tree, place, *options, "true")).check()
    assert treehash.difference(before, treehash.snapshot(place)) == []
    assert treehash.snapshot(tree) == before
    assert (place / "sparse").stat().st_blocks == 0
    assert not _hidden(place)

    bare.run(*_words(tree, place, f"--private-users={users}", "sh", "-c", "echo mine >/mine")).check()
    (tree / "later").touch()
    again = bare.run(*_words(tree, place, "cat", "/mine")[1:])
    assert again.stdout.replace("\r", "") == "mine\n"
    assert f"'{place}' exists already and stays as it is" in again.stderr
    assert not (place / "later").exists()


def test_a_template_can_hold_the_new_tree(bare, tree):
    place = tree / "srv/new"
    place.parent.mkdir(exist_ok=True)
    bare.run(*_words(tree, place, "true")).check()
    assert os.listdir(place / "srv") == []


def test_a_tree_of_a_name_is_made_where_machines_live(bare, tree):
    name = bare_bed.new_name("tpl")
    place = Path("/var/lib/machines") / name
    had_folder = place.parent.exists()
    try:
        bare.run("-q", "-M", name, f"--template={tree}", "true").check()
        assert (place / "etc/os-release").exists()
        assert had_folder or place.parent.stat().st_mode & 0o7777 == 0o700
    finally:
        paths.remove_tree(place)
        if not had_folder:
            place.parent.rmdir()


def test_an_ephemeral_template_is_the_tree(bare, tree):
    before = treehash.snapshot(tree)
    name = bare_bed.new_name("tpl")
    done = bare.run("-xq", f"--template={tree}", "-M", name, "sh", "-c", "echo x >/new; cat /new").check()
    assert done.stdout == "x\n"
    assert treehash.snapshot(tree) == before


def test_a_dry_run_decides_all_and_makes_nothing(bare, tree, place):
    done = bare.run(*_words(tree, place, "--dry-run", "true")).check()
    assert f"root: {place}\n" in done.stdout
    assert f"copy_of: {tree}\n" in done.stdout
    assert not place.exists() and not _hidden(place)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["-D", "{place}", "--template=/nowhere"], "Failed to open template '/nowhere'"),
        (["-x", "-D", "{place}", "--template={tree}"], "--ephemeral cannot be combined with --template="),
        (["--template={tree}"], "--template= needs --directory= or --machine="),
        (["-D", "{tree}/etc/passwd", "--template={tree}"], "Not a directory"),
        (["-D", "{place}/a/b", "--template={tree}"], "Failed to make '{place}/a'"),
        (["-D", "{place}/..", "--template={tree}"], "is no name for a new tree"),
        (["-D", "{place}", "--template={tree}/etc"], "is no OS tree: it has no usr"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(bare, tree, place, options, reason):
    names = {"tree": tree, "place": place}
    done = bare.run("-q", *(word.format(**names) for word in options), "true")
    assert done.status != 0 and reason.format(**names) in done.stderr
    assert not place.exists() and not _hidden(place)


def test_a_template_that_runs_is_refused_unless_it_is_only_read(bare, tree, place):
    with bare.start(tree, "sleep", "60") as machine:
        machine.wait_started()
        done = bare.run(*_words(tree, place, "true"))
        machine.terminate()
    assert done.status != 0 and f"Tree '{tree}' is in use by machine '{machine.name}'" in done.stderr
    assert not place.exists() and not _hidden(place)
    with bare.start(tree, "-x", "sleep", "60") as machine:
        machine.wait_started()
        bare.run(*_words(tree, place, "true")).check()
        machine.terminate()


def test_what_a_killed_copy_left_is_swept_by_the_next_start_of_any_machine(bare, tree, place):
    Path("/run/boot-tree").mkdir(exist_ok=True)
    # Records of its own, or whoever else starts a machine here meanwhile would sweep it.
    bind = f'mount --bind {bare.folder("records")} /run/boot-tree && exec "$0" "$@"'
    own_records = ["unshare", "--mount", "sh", "-c", bind]
    # A file that is larger than this process may write ends it in the middle of the copy.
    done = proc.run(*own_records, "prlimit", "--fsize=65536", bare.program, *_words(tree, place, "true"))
    assert done.status in (-signal.SIGXFSZ, 128 + signal.SIGXFSZ), done.stderr
    [hidden] = _hidden(place)
    assert hidden.stat().st_mode & 0o7777 == 0o700
    assert (hidden / "tree").exists() and not place.exists()
    other = bare.tree("busybox")
    proc.run(*own_records, bare.program, "-q", "-D", other, "-M", bare_bed.new_name("tpl"), "true").check()
    assert not _hidden(place)
    assert not list(tree.parent.glob(f".#{tree.name}.lck"))


@pytest.fixture
def btrfs(bare):
    """A folder on a new btrfs."""
    folder = bare.folder("fs")
    image = bare.folder("image") / "image"
    with open(image, "wb") as file:
        file.truncate(400 << 20)
    subprocess.run(["mkfs.btrfs", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def _is_shared(path: Path) -> bool:
    listed = subprocess.run(["filefrag", "-v", path], check=True, capture_output=True, text=True).stdout
    return "shared" in listed


def test_btrfs_makes_snapshots_of_subvolumes_and_shares_blocks_of_all_else(bare, tree, btrfs):
    top, nested, plain = btrfs / "top", btrfs / "nested", btrfs / "plain"
    for subvolume in (top, nested):
        subprocess.run(["btrfs", "-q", "subvolume", "create", subvolume], check=True)
        subprocess.run(["cp", "-a", f"{tree}/.", subvolume], check=True)
    subprocess.run(["btrfs", "-q", "subvolume", "create", nested / "inner"], check=True)
    (nested / "inner/file").write_text("x", encoding="ascii")
    subprocess.run(["cp", "-a", tree, plain], check=True)
    os.sync()
    for template in (top, nested, plain):
        place = btrfs / f"{template.name}-copy"
        bare.run(*_words(template, place, "--read-only", "true")).check()
        assert not _hidden(place)
        assert (place.stat().st_ino == 256) == (template == top), "a subvolume"
        assert _is_shared(place / "bin/busybox")
    assert (btrfs / "nested-copy/inner/file").read_text(encoding="ascii") == "x"
