# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trees that put links, fifos and devices where something is to be mounted: nothing outside of the tree is written,
made or waited for, not even in the host's folders that are mounted inside."""

import os
import stat

import pytest

from beds import bare as bare_bed
from beds import treehash

pytestmark = pytest.mark.own_tree("busybox")
KINDS = ("absolute", "relative", "dangling", "dangling-relative", "itself", "fifo", "device", "file", "folder")
SECONDS = 5


@pytest.fixture
def canary(bare):
    """A folder of the host's that must stay as it is."""
    folder = bare.folder("canary")
    (folder / "file").write_text("canary\n", encoding="ascii")
    (folder / "sub").mkdir()
    return folder


@pytest.fixture
def source(bare):
    """What is mounted: a folder with a file."""
    folder = bare.folder("source")
    (folder / "file").write_text("source\n", encoding="ascii")
    return folder


def _make(path, kind, canary):
    if kind == "absolute":
        path.symlink_to(canary)
    elif kind == "relative":
        path.symlink_to("../" * 30 + str(canary)[1:])
    elif kind == "dangling":
        path.symlink_to(canary / "new")
    elif kind == "dangling-relative":
        path.symlink_to("../" * 30 + str(canary)[1:] + "/new/deep")
    elif kind == "itself":
        path.symlink_to(path.name)
    elif kind == "fifo":
        os.mkfifo(path, 0o666)
    elif kind == "device":
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    elif kind == "file":
        path.write_text("tree\n", encoding="ascii")
    else:
        path.mkdir()


OPTIONS = {
    "bind": "--bind={source}:{target}",
    "bind-of-a-file": "--bind-ro={source}/file:{target}",
    "bind-inside": "--bind=+/etc:{target}",
    "owneridmap": "--bind={source}:{target}:owneridmap",
    "tmpfs": "--tmpfs={target}",
    "overlay": "--overlay={source}:{upper}/up:{target}",
    "overlay-inside": "--overlay-ro=+/etc:{source}:{target}",
    "inaccessible": "--inaccessible={target}",
}


@pytest.mark.parametrize("users", ["pick", "no"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_a_destination_that_leads_elsewhere_touches_nothing_of_the_host(bare, tree, canary, source, option, kind, users):
    _make(tree / "here", kind, canary)
    upper = bare.folder("upper")
    before, source_before = treehash.snapshot(canary), treehash.snapshot(source)
    for target in ("/here", "/here/below"):
        words = [OPTIONS[option].format(source=source, target=target, upper=upper), f"--private-users={users}"]
        name = bare_bed.new_name("host")
        done = bare.run("-q", "-D", tree, "-M", name, *words, "/bin/busybox", "true", timeout=SECONDS)
        assert not done.timed_out and done.status in (0, 1), done
        assert len(done.stderr.splitlines()) == done.status, done
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    assert treehash.difference(source_before, treehash.snapshot(source)) == []


INSIDE = ("--bind=+{}:/mnt", "--bind=+{}/below:/mnt", "--overlay=+{}::/mnt", "--overlay=+/etc:+{}:/mnt", "--overlay=+/etc:+{}/up:/mnt")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", INSIDE)
def test_a_source_inside_that_leads_elsewhere_stays_inside(bare, tree, canary, option, kind):
    _make(tree / "here", kind, canary)
    before = treehash.snapshot(canary)
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("host"), option.format("/here")]
    line = "cat /mnt/file 2>&-; touch /mnt/x 2>&-; true"
    done = bare.run(*words, "/bin/busybox", "sh", "-c", line, timeout=SECONDS)
    assert not done.timed_out and "canary" not in done.stdout, done
    assert treehash.difference(before, treehash.snapshot(canary)) == []


@pytest.mark.parametrize("users", ["pick", "no"])
@pytest.mark.parametrize("target", ["/link", "/link/new", "/link/new/deep", "/dangling", "/inside/link/new"])
@pytest.mark.parametrize("option", ["--tmpfs={}", "--bind=/etc/hostname:{}", "--bind=+/etc:{}"])
def test_links_of_the_tree_make_nothing_in_what_is_bound(bare, tree, canary, option, target, users):
    """The host's folder is mounted inside, and links of the tree and of another folder lead there."""
    other = bare.folder("other")
    (tree / "link").symlink_to("/a")
    (tree / "dangling").symlink_to("/a/new")
    (other / "link").symlink_to("../a")
    before = treehash.snapshot(canary)
    words = ["-q", "-D", tree, f"--private-users={users}", f"--bind={canary}:/a", f"--bind={other}:/inside"]
    done = bare.run(*words, "-M", bare_bed.new_name("host"), option.format(target), "/bin/busybox", "true", timeout=SECONDS)
    assert not done.timed_out, done
    assert treehash.difference(before, treehash.snapshot(canary)) == []


def test_a_link_that_leads_nowhere_is_completed_in_the_tree(bare, tree, source):
    (tree / "etc/resolv.conf").unlink(missing_ok=True)
    (tree / "etc/resolv.conf").symlink_to("../run/resolve/stub.conf")
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("host"), f"--bind-ro={source}/file:/etc/resolv.conf"]
    assert bare.run(*words, "/bin/busybox", "cat", "/run/resolve/stub.conf").check().stdout == "source\n"


def test_a_mount_on_another_one_can_be_made_there(bare, tree, source):
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("host"), "--tmpfs=/a", "--tmpfs=/a/b/c", f"--bind-ro={source}:/a/b/d"]
    assert bare.run(*words, "/bin/busybox", "ls", "/a/b").check().stdout.split() == ["c", "d"]
