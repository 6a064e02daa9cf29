# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs diff, commit and reset: what an overlay wrote, seen and dealt with from outside."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import proc, treehash

# Changes of every kind, over a tree that has /var, /etc, /root and /both.
CHANGE = r"""
set -e
echo new >/new; chown 5:6 /new; chmod 4755 /new; ln /new /linked
mkdir /dir; echo x >/dir/file; mkfifo /dir/fifo
rm /etc/os-release; echo more >>/etc/passwd
rm -r /both; mkdir /both; echo x >/both/new
rm -r /var; ln -s /victim /var
rm /link; mkdir /link; echo x >/link/file
chmod 700 /root
mkdir /gone; rmdir /gone
touch "/a	tab"
"""
DIFF = r"""
changed   file       /a\x09tab
replaced  directory  /both
added     file       /both/new
added     directory  /dir
added     fifo       /dir/fifo
added     file       /dir/file
removed   file       /etc/os-release
changed   file       /etc/passwd
replaced  directory  /link
added     file       /link/file
added     file       /linked
added     file       /new
changed   directory  /root
changed   link       /var
"""


@pytest.fixture
def victim(bare):
    """A folder that links in the tree lead to."""
    return bare.folder("victim")


@pytest.fixture
def tree(bare, victim):
    """A small tree for one test."""
    tree = bare.tree("busybox")
    (tree / "both").mkdir()
    (tree / "both/old").touch()
    (tree / "link").symlink_to(victim)
    (tree / "a\ttab").touch()
    return tree


@pytest.fixture
def upper(bare):
    """Where changes can be kept; it does not exist yet."""
    return bare.folder("place") / "up"


@pytest.fixture
def change(bare, tree, upper):
    """Runs a line of shell in the tree, with its changes kept."""

    def run_script(script, *options):
        words = ["-q", "-D", tree, "-M", bare_bed.new_name("chg"), f"--upper={upper}", *options]
        return bare.run(*words, "sh", "-c", script).check()

    return run_script


def _diff(bare, what) -> str:
    return bare.run("diff", what).check().stdout



@pytest.mark.parametrize("users", ["pick", "no"])
def test_changes_are_listed_and_become_a_new_tree_or_part_of_the_old_one(bare, tree, upper, change, victim, users):
    before = treehash.snapshot(tree)
    change(CHANGE.replace("touch", "echo x >"), f"--private-users={users}")
    assert _diff(bare, upper) == DIFF.lstrip()
    listed = json.loads(bare.run("diff", "--json", upper).check().stdout)
    assert {"path": "/etc/os-release", "change": "removed", "type": "file", "from": None} in listed

    new = upper.parent / "new"
    bare.run("commit", upper, new).check()
    assert treehash.snapshot(tree) == before
    assert _diff(bare, upper) == DIFF.lstrip()

    bare.run("commit", upper).check()
    assert os.listdir(upper) == []
    assert sorted(os.listdir(upper.parent)) == ["new", "up"]
    assert treehash.difference(treehash.snapshot(tree), treehash.snapshot(new)) == []
    st = (tree / "linked").stat()
    assert (st.st_uid, st.st_gid, st.st_mode & 0o7777, st.st_nlink) == (5, 6, 0o4755, 2)
    assert os.readlink(tree / "var") == "/victim" and not (tree / "etc/os-release").exists()
    assert os.listdir(tree / "both") == ["new"]
    assert os.listdir(tree / "link") == ["file"] and os.listdir(victim) == []
    assert not [name for name in os.listdir(tree) if name.startswith(".#")]


def test_over_layers_what_was_removed_stays_hidden(bare, tree, upper, change):
    layer = bare.folder("layer")
    layer.chmod(0o755)
    for name in ("kept", "removed"):
        (layer / name).write_text("x\n", encoding="ascii")
    (layer / "folder").mkdir()
    (layer / "folder/before").touch()
    change("rm /removed; echo y >>/kept; rm -r /folder; mkdir /folder; echo x >/folder/new", f"--layer={layer}")
    assert _diff(bare, upper).split("\n")[:4] == [
        "replaced  directory  /folder",
        "added     file       /folder/new",
        "changed   file       /kept",
        "removed   file       /removed",
    ]
    new = upper.parent / "new"
    bare.run("commit", upper, new).check()
    assert (new / "kept").read_text(encoding="ascii") == "x\ny\n" and not (new / "removed").exists()
    bare.run("commit", upper).check()
    for options in ([], [f"--layer={layer}"]):
        done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("chg"), "--read-only", *options, "ls", "/folder", "/")
        assert "new\n" in done.stdout and "before" not in done.stdout
        assert ("removed\n" in done.stdout) == (options == []), "a device without the layer"

    os.chown(layer, 655360, 655360)
    change("echo z >>/kept", f"--layer={layer}")
    done = bare.run("commit", upper, upper.parent / "newer")
    assert done.status == 1 and "owners in different ranges of ids" in done.stderr
    assert _diff(bare, upper) == "changed   file       /kept\n"


def test_a_machine_that_runs_can_be_looked_at_and_its_changes_stay_its_own(bare, tree, upper):
    script = "mv /etc /moved; echo x >/moved/new; rm /moved/passwd; mkdir /etc; echo done; sleep 60"
    with bare.start(tree, "-x", "sh", "-c", script) as machine:
        proc.wait_for(lambda: "done" in machine.lines, 10, "the changes")
        assert _diff(bare, machine.name).split("\n")[:4] == [
            "replaced  directory  /etc",
            "moved     directory  /moved from /etc",
            "added     file       /moved/new",
            "removed   file       /moved/passwd",
        ]
        for verb in ("commit", "reset"):
            done = bare.run(verb, machine.name)
            assert done.status == 1 and f"Machine '{machine.name}' is running" in done.stderr
        machine.terminate()
    for option in (f"--upper={upper}", "--volatile=overlay", "--ephemeral=memory"):
        with bare.start(tree, option, "sh", "-c", "echo x >/new; echo done; sleep 60") as machine:
            proc.wait_for(lambda: "done" in machine.lines, 10, "the changes")
            assert _diff(bare, machine.name) == "added     file       /new\n"
            if option.startswith("--upper"):
                for verb in ("commit", "reset"):
                    done = bare.run(verb, upper)
                    assert done.status == 1 and f"'{upper}' is in use by a machine" in done.stderr
            machine.terminate()
    with bare.start(tree, "sleep", "60") as machine:
        machine.wait_started()
        done = bare.run("diff", machine.name)
        assert done.status == 1 and "writes to its tree" in done.stderr
        done = bare.run("commit", upper)
        assert done.status == 1 and f"Tree '{tree}' is in use" in done.stderr
        machine.terminate()
    assert _diff(bare, upper) == "added     file       /new\n"


def test_a_commit_that_is_killed_loses_nothing_and_can_be_repeated(bare, tree, upper, change):
    change("for i in 1 2 3; do echo $i >/a$i; done; rm /etc/passwd; head -c 300000 /dev/urandom >/big; sha1sum /big >/z")
    limited = ["prlimit", "--fsize=65536", bare.program]
    for target in ([], [upper.parent / "new"]):
        done = proc.run(*limited, "commit", upper, *target)
        assert done.status in (-signal.SIGXFSZ, 128 + signal.SIGXFSZ), done.stderr
        assert change("sha1sum -c /z; cat /a3; test ! -e /etc/passwd").stdout == "/big: OK\n3\n"
    new = upper.parent / "new"
    assert not new.exists()
    bare.run("commit", upper, new).check()
    bare.run("commit", upper).check()
    assert sorted(os.listdir(upper.parent)) == ["new", "up"]
    assert treehash.difference(treehash.snapshot(tree), treehash.snapshot(new)) == []


def test_a_reset_needs_no_tree_and_leaves_an_empty_folder(bare, tree, upper, change):
    change("echo x >/new")
    # As a reset leaves it that is killed.
    shutil.copytree(upper / "data", upper / "removed")
    change("true")
    assert not (upper / "removed").exists()
    gone = tree.with_name(tree.name + "-gone")
    tree.rename(gone)
    for verb in ("diff", "commit"):
        done = bare.run(verb, upper)
        assert done.status == 1 and f"Failed to open '{tree}'" in done.stderr
    bare.run("reset", upper).check()
    gone.rename(tree)
    assert os.listdir(upper) == []
    change("test ! -e /new")


def test_what_only_an_overlay_understands_is_refused_and_can_become_a_new_tree(bare, tree, upper, change):
    change("mkdir /moved")
    os.setxattr(upper / "data/moved", "trusted.overlay.redirect", b"/both")
    assert _diff(bare, upper) == "moved     directory  /moved from /both\n"
    done = bare.run("commit", upper)
    assert done.status == 1 and "used with other overlay options" in done.stderr
    bare.run("commit", upper, upper.parent / "new").check()
    assert os.listdir(upper.parent / "new/moved") == ["old"]
    os.setxattr(upper / "data/moved", "trusted.overlay.redirect", b"/../../etc")
    assert _diff(bare, upper) == "added     directory  /moved\n"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["diff"], "'diff' needs NAME|PATH"),
        (["commit"], "'commit' needs PATH [TREE]"),
        (["reset", "a/", "b/"], "'reset' takes no 'b/'"),
        (["commit", "a/", "b", "c"], "'commit' takes no 'c'"),
        (["reset", ""], "'reset' takes no ''"),
        (["diff", "nothing-of-that-name"], "is neither a machine that runs nor a folder here"),
        (["reset", "/nowhere/up"], "Failed to open '/nowhere/up'"),
        (["reset", "{tree}"], "'{tree}' is not a folder that --upper= has filled"),
    ],
)
def test_bad_words_are_refused(bare, tree, words, reason):
    before = treehash.snapshot(tree)
    done = bare.run(*(word.format(tree=tree) for word in words))
    assert done.status == 1 and reason.format(tree=tree) in done.stderr
    assert treehash.snapshot(tree) == before


def test_a_new_tree_replaces_nothing(bare, tree, upper, change):
    change("echo x >/new")
    there = Path(bare.folder("there"))
    done = bare.run("commit", upper, there)
    assert done.status == 1 and f"'{there}' exists already" in done.stderr
    assert os.listdir(there) == [] and _diff(bare, upper) == "added     file       /new\n"
    assert subprocess.run(["ls", "-A", there.parent], check=True, capture_output=True, text=True).stdout.find(".#") < 0
