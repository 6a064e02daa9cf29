# SPDX-License-Identifier: LGPL-2.1-or-later
"""--mstack=: a folder whose names say what a root is made of."""

import os
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import treehash

USERS = ["pick", "no"]


@pytest.fixture
def stack(bare):
    """A stack of a tree and two layers above it, in a folder of its own."""
    stack = bare.folder("place") / f"{bare_bed.new_name('stk')}.mstack"
    for name in ("layer@9", "layer@10"):
        (stack / name).mkdir(parents=True)
        (stack / name / "top").write_text(f"{name}\n", encoding="ascii")
    (stack / "layer@9/nine").write_text("x\n", encoding="ascii")
    (stack / "layer@2").symlink_to(bare.tree("busybox"))
    for path in (stack.parent, stack, stack / "layer@9", stack / "layer@10"):
        path.chmod(0o755)
    return stack


def _run(bare, stack: Path, script: str, *options):
    return bare.run("-q", f"--mstack={stack}", *options, "sh", "-c", script)


@pytest.mark.parametrize("users", USERS)
def test_names_say_what_is_on_top_and_what_is_mounted_where(bare, stack, users):
    (stack / "bind@var-a\\x2db").mkdir()
    (stack / "robind@mnt").mkdir()
    os.chown(stack / "bind@var-a\\x2db", 7, 8)
    (stack / "robind@mnt/file").write_text("bound\n", encoding="ascii")
    (stack / "rw").mkdir(mode=0o700)
    before = treehash.snapshot(stack)
    script = "cat /top /nine /mnt/file; hostname; stat -c %u:%g /var/a-b /nine; echo x >>/new; cat /new; touch /mnt/x"
    for lines in ("x\n", "x\nx\n"):
        done = _run(bare, stack, script, f"--private-users={users}")
        assert done.stdout == f"layer@10\nx\nbound\n{stack.name.removesuffix('.mstack')}\n7:8\n0:0\n{lines}"
        assert "/mnt/x: Read-only file system" in done.stderr
    assert (stack / "rw/data/new").stat().st_uid == 0
    changed = treehash.difference(before, treehash.snapshot(stack))
    assert [row for row in changed if " rw" not in row and " . " not in row] == []
    assert "added     file       /new\n" in bare.run("diff", stack / "rw").check().stdout


def test_without_a_folder_for_changes_there_are_none(bare, stack):
    layers = [stack / "layer@9", stack / "layer@10"]
    before = [treehash.snapshot(layer) for layer in layers]
    assert "Read-only file system" in _run(bare, stack, "touch /new").stderr
    done = _run(bare, stack, "echo x >/new; cat /new", "-x", "-M", bare_bed.new_name("stk")).check()
    assert done.stdout == "x\n"
    assert [treehash.snapshot(layer) for layer in layers] == before
    for layer in layers:
        layer.rename(stack.parent / layer.name)
    assert "Read-only file system" in _run(bare, stack, "touch /new").stderr, "one layer alone"


def test_a_stack_with_changes_runs_once_at_a_time_and_others_any_number_of_times(bare, stack):
    words = [bare.program, "-q", f"--mstack={stack}", "--notify-ready=yes"]
    for has_changes in (False, True):
        if has_changes:
            (stack / "rw").mkdir(mode=0o700)
        name = bare_bed.new_name("stk")
        with bare_bed.Booted([*words, "-M", name, "sleep", "60"], name) as machine:
            machine.wait_started()
            done = _run(bare, stack, "true", "-M", bare_bed.new_name("stk"))
            machine.terminate()
        assert (done.status != 0) == has_changes
        assert not has_changes or f"'{stack}/rw' is in use by another machine" in done.stderr


def test_settings_are_looked_for_beside_the_stack_and_cat_shows_where_it_says_what(bare, stack):
    settings = stack.parent / f"{stack.name.removesuffix('.mstack')}.nspawn"
    settings.write_text("[Exec]\nHostname=here\n", encoding="ascii")
    assert _run(bare, stack, "hostname").stdout == "here\n"
    shown = bare.run("cat", f"--mstack={stack}").check().stdout
    assert f"# {stack}/layer@9\nLayer={stack}/layer@9\n" in shown


def test_a_stack_is_found_by_its_name_behind_a_tree_of_that_name(bare, stack):
    name = stack.name.removesuffix(".mstack")
    folder = Path("/run/machines")
    had_folder = folder.exists()
    folder.mkdir(exist_ok=True)
    try:
        (folder / stack.name).symlink_to(stack)
        assert bare.run("-q", "-M", name, "cat", "/top").check().stdout == "layer@10\n"
        (folder / name).symlink_to(stack / "layer@2")
        assert bare.run("-q", "-M", name, "--read-only", "cat", "/top").status != 0
    finally:
        for link in (folder / stack.name, folder / name):
            link.unlink(missing_ok=True)
        if not had_folder:
            folder.rmdir()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("layer@3.raw", "is a disk image, which cannot be used"),
        ("layer@3.v", "is a folder of versions, which cannot be used"),
        ("root", "is a root of its own"),
        ("bind@-", "names no place to be mounted at"),
        ("bind@a-..-b", "names no place to be mounted at"),
        ("robind@\\x", "names no place to be mounted at"),
        ("rw -> /nowhere", "is a link that leads nowhere"),
        ("rw -> /etc/passwd", "is not a folder"),
    ],
)
def test_what_cannot_be_part_of_a_stack_is_named(bare, stack, entry, reason):
    name, _, target = entry.partition(" -> ")
    if target:
        (stack / name).symlink_to(target)
    else:
        (stack / name).mkdir()
    done = _run(bare, stack, "true")
    assert done.status != 0 and f"'{stack}/{name}' {reason}" in done.stderr


def test_stacks_exclude_other_ways_to_say_the_same(bare, stack):
    for option in ("--directory=/x", "--template=/x", "--layer=/x", "--upper=/x"):
        done = _run(bare, stack, "true", option)
        assert done.status != 0 and f"--mstack= cannot be combined with {option.partition('=')[0]}=" in done.stderr
    (stack / "rw").mkdir()
    done = _run(bare, stack, "true", "-x")
    assert done.status != 0 and f"'{stack}/rw' keeps what is changed" in done.stderr
    done = bare.run("-q", f"--mstack={stack.parent}", "true")
    assert done.status != 0 and "has no folder 'layer@ID'" in done.stderr
    done = bare.run("-q", "--mstack=/nowhere", "true")
    assert done.status != 0 and "Failed to open '/nowhere'" in done.stderr
