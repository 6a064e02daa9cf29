# SPDX-License-Identifier: LGPL-2.1-or-later
"""--pivot-root=: a folder of the tree becomes the root."""

import os

import pytest

from beds import bare as bare_bed
from beds import treehash

USERS = ["pick", "no"]


@pytest.fixture
def tree(bare):
    """A tree that holds a system in /deploy/1, and links to it."""
    whole = bare.folder("whole")
    whole.chmod(0o755)
    (whole / "deploy").mkdir()
    bare.tree("busybox").rename(whole / "deploy/1")
    (whole / "current").symlink_to("/deploy/1")
    (whole / "out").symlink_to("../../../../../../../etc")
    (whole / "data").write_text("data\n", encoding="ascii")
    return whole


@pytest.fixture
def run(bare, tree):
    """Runs a line of shell in the tree, with options."""

    def run_script(script, *options):
        words = ["-q", "-D", tree, "-M", bare_bed.new_name("piv"), *options]
        return bare.run(*words, "sh", "-c", script)

    return run_script


@pytest.mark.parametrize("users", USERS)
def test_the_folder_is_the_root_and_nothing_else_is_there(run, tree, users):
    script = "echo x >/new; ls -d /deploy /current /data; stat -c %u /etc"
    done = run(script, f"--private-users={users}", "--pivot-root=/current")
    assert done.stdout == "0\n" and done.status == 0
    assert (tree / "deploy/1/new").stat().st_uid == 0
    assert sorted(os.listdir(tree)) == ["current", "data", "deploy", "out"]


@pytest.mark.parametrize("users", USERS)
def test_the_old_root_is_seen_where_it_shall_be_and_stays_there(run, tree, users):
    script = "cat /sysroot/data; echo x >/sysroot/new; cat /sysroot/deploy/1/mine; umount /sysroot"
    (tree / "deploy/1/mine").write_text("mine\n", encoding="ascii")
    done = run(script, f"--private-users={users}", "--pivot-root=/deploy/1:/sysroot")
    assert done.stdout == "data\nmine\n"
    assert (tree / "new").stat().st_uid == 0
    assert (done.status != 0) == (users == "pick"), "locked behind a boundary"


@pytest.mark.parametrize("users", USERS)
def test_what_is_changed_through_the_old_root_goes_where_all_changes_go(bare, run, tree, users):
    before = treehash.snapshot(tree)
    options = [f"--private-users={users}", "--pivot-root=/deploy/1:/sysroot"]
    done = run("echo x >/sysroot/new; echo y >/mine; cat /sysroot/new /sysroot/deploy/1/mine", "-x", *options).check()
    assert done.stdout == "x\ny\n"
    done = run("echo x >/sysroot/new; echo y >/mine", "-x", "--read-only", *options)
    assert done.stderr.count("Read-only file system") == 2
    assert treehash.snapshot(tree) == before
    upper = bare.folder("up")
    for _ in range(2):
        done = run("echo x >>/sysroot/data; echo y >>/mine; cat /sysroot/data /mine", f"--upper={upper}", *options)
    assert done.check().stdout == "data\nx\nx\ny\ny\n"
    assert treehash.snapshot(tree) == before


def test_what_is_needed_of_a_tree_is_looked_for_in_the_new_root(bare, run, tree):
    done = run("true")
    assert done.status != 0 and "is no OS tree: it has no usr" in done.stderr
    done = run("true", "--pivot-root=/missing")
    assert done.status != 0 and f"Failed to open '/missing' in tree '{tree}': No such file" in done.stderr
    done = run("true", "--pivot-root=/out")
    assert done.status != 0 and "Failed to open '/out' in tree" in done.stderr, "and not the host's /etc"
    (tree / "deploy/1/etc/machine-id").write_text("0123456789abcdef" * 2 + "\n", encoding="ascii")
    layer = bare.folder("layer")
    layer.chmod(0o755)
    (layer / "deploy/1").mkdir(parents=True)
    (layer / "deploy/1/layered").write_text("layer\n", encoding="ascii")
    done = run("cat /layered; echo $container_uuid", "--pivot-root=/deploy/1", f"--layer={layer}").check()
    assert done.stdout == "layer\n01234567-89ab-cdef-0123-456789abcdef\n"
