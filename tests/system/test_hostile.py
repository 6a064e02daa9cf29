# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trees whose maker means harm: whatever their links and files are, nothing on the host is touched, and we end."""

import os
import platform
import resource
import shutil
import stat
import subprocess

import pytest

from beds import bare as bare_bed
from beds import proc, treehash

pytestmark = pytest.mark.own_tree("busybox")
TOPS = "dev proc sys run tmp etc var usr root home bin sbin lib lib64".split()
TARGETS = ("absolute", "relative", "deep", "itself", "file", "fifo")
SECONDS = 5
MEMORY = 64 << 20


@pytest.fixture
def canary(bare):
    """A folder of the host's that must stay as it is."""
    folder = bare.folder("canary")
    for name in "ptmx null console x resolv mid host notify pts shm os-release machine-id passwd".split():
        (folder / name).write_text(name, encoding="ascii")
    for name in ("sub", "fs", "kernel"):
        (folder / name).mkdir()
    return folder


def _replace(path, target, canary):
    """Puts something else where the tree has PATH."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if target == "absolute":
        path.symlink_to(canary)
    elif target == "relative":
        path.symlink_to("../" * 30 + str(canary)[1:])
    elif target == "deep":
        path.symlink_to(canary / "sub")
    elif target == "itself":
        path.symlink_to(path.name)
    elif target == "file":
        path.write_text("no folder", encoding="ascii")
    elif target == "fifo":
        os.mkfifo(path, 0o666)
    elif target == "folder":
        path.mkdir()
    elif target == "device":
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    elif target == "endless":
        path.symlink_to("/dev/zero")
    elif target == "huge":
        with open(path, "wb") as handle:
            handle.write(b"x" * MEMORY)
    elif target == "gigabyte":
        with open(path, "wb") as handle:
            handle.truncate(1 << 30)
    elif target == "canary-file":
        path.symlink_to(canary / path.name)


def _limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY * 2, MEMORY * 2))


def _run(bare, tree, *words):
    """Runs it within the limits; how it ends is the tree's business."""
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("host"), *words]
    done = proc.run(bare.program, *words, timeout=SECONDS, preexec_fn=_limit_memory)
    assert not done.timed_out, done
    assert 0 <= done.status < 256, done
    lines = [line for line in done.stderr.splitlines() if "ignoring" not in line]
    assert len(lines) <= 1 or done.status == 0, done
    return done


@pytest.mark.parametrize("target,users", [*((target, "pick") for target in TARGETS), ("absolute", "no")])
@pytest.mark.parametrize("top", TOPS)
def test_a_top_folder_that_is_none_touches_nothing_of_the_host(bare, tree, canary, top, target, users):
    _replace(tree / top, target, canary)
    before = treehash.snapshot(canary)
    _run(bare, tree, f"--private-users={users}", "--", "/bin/busybox", "true")
    assert treehash.difference(before, treehash.snapshot(canary)) == []


PLACES = ["dev/pts", "dev/shm", "dev/null", "dev/console", "run/host", "run/host/notify", "sys/fs", "proc/sys", "tmp/x"]


@pytest.mark.parametrize("target", ["absolute", "relative"])
@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_we_write_to_leads_nowhere(bare, tree, canary, place, target):
    _replace(tree / place, target, canary)
    before = treehash.snapshot(canary)
    _run(bare, tree, "--", "/bin/busybox", "true").check()
    assert treehash.difference(before, treehash.snapshot(canary)) == []


# What is read from the tree, and the words that make us read it.
READ = {
    "etc/os-release": ["-b", "x"],
    "usr/lib/os-release": ["-b", "x"],
    "etc/machine-id": ["--", "/bin/busybox", "true"],
    "usr/share/zoneinfo/Etc/UTC": ["--timezone=symlink", "--", "/bin/busybox", "true"],
    "bin/sh": ["--", "/bin/busybox", "true"],  # for the architecture of the tree
    "etc/passwd": ["--uid=mallory", "--", "/bin/busybox", "grep", "Uid", "/proc/self/status"],
    "etc/group": ["--uid=mallory", "--", "/bin/busybox", "grep", "Groups", "/proc/self/status"],
}
INITS = ("usr/lib/systemd/systemd", "lib/systemd/systemd", "sbin/init", "etc/init", "bin/init")
KINDS = ("fifo", "folder", "device", "endless", "gigabyte", "itself", "canary-file", "absolute", "relative")


@pytest.mark.parametrize("kind", ["huge", *KINDS])
@pytest.mark.parametrize("name", sorted(READ))
def test_a_file_that_is_read_neither_hangs_us_nor_leads_outside(bare, tree, canary, name, kind):
    if "os-release" in name:
        for other in ("etc/os-release", "usr/lib/os-release", *INITS):
            (tree / other).unlink(missing_ok=True)
    if name == "etc/group":
        (tree / "etc/passwd").write_text("mallory:x:77:77::/:/bin/sh\n", encoding="ascii")
    _replace(tree / name, kind, canary)
    (canary / "os-release").write_text("ID=canary\n", encoding="ascii")
    (canary / "passwd").write_text("mallory:x:99:99::/:/bin/sh\n", encoding="ascii")
    before = treehash.snapshot(canary)
    done = _run(bare, tree, "--console=pipe", *READ[name])
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    assert "99" not in done.stdout, "the host's file was read"
    if "os-release" in name:
        is_file = kind in ("huge", "gigabyte")
        assert ("Failed to run an init" if is_file else "is no OS tree") in done.stderr, done
    if name == "etc/passwd":
        assert (done.status, done.stdout) == (1, ""), done


def test_a_machine_id_of_the_hosts_is_not_taken_over(bare, tree, canary):
    (canary / "machine-id").write_text("0123456789abcdef0123456789abcdef\n", encoding="ascii")
    _replace(tree / "etc/machine-id", "canary-file", canary)
    done = _run(bare, tree, "--", "/bin/busybox", "sh", "-c", "echo $container_uuid").check()
    assert "01234567" not in done.stdout


@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "endless", "huge", "itself", "canary-file"])
def test_an_init_that_is_none_is_an_error(bare, tree, canary, kind):
    (tree / "etc/os-release").write_text("ID=bad\n", encoding="ascii")
    for name in INITS:
        _replace(tree / name, "itself", canary)
    _replace(tree / "sbin/init", kind, canary)
    done = _run(bare, tree)
    assert done.status == 1 and done.stderr.startswith("Failed to run an init"), done


@pytest.mark.parametrize("kind", ["fifo", "endless", "itself", "canary-file"])
def test_a_command_that_is_none_is_an_error(bare, tree, canary, kind):
    _replace(tree / "bin/evil", kind, canary)
    done = _run(bare, tree, "/bin/evil")
    assert done.status == 1 and "'/bin/evil'" in done.stderr, done


def test_a_working_folder_that_leads_outside_stays_inside(bare, tree, canary):
    _replace(tree / "work", "absolute", canary)
    done = _run(bare, tree, "--chdir=/work", "--", "/bin/busybox", "pwd")
    assert (done.status, done.stdout) == (1, ""), done
    assert "'/work'" in done.stderr


def test_a_home_that_leads_outside_is_not_made_there(bare, tree, canary):
    (tree / "etc/passwd").write_text("mallory:x:77:77::/link/home:/bin/sh\n", encoding="ascii")
    _replace(tree / "link", "absolute", canary)
    before = treehash.snapshot(canary)
    _run(bare, tree, "--uid=mallory", "--", "/bin/busybox", "true").check()
    assert treehash.difference(before, treehash.snapshot(canary)) == []


@pytest.mark.parametrize("users", ["pick", "no"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_home_that_is_none_is_left_alone(bare, tree, canary, kind, users):
    """It is not made, given away or waited for; whatever it is, the command runs."""
    (tree / "etc/passwd").write_text("mallory:x:77:77::/home/mallory:/bin/sh\n", encoding="ascii")
    _replace(tree / "home/mallory", kind, canary)
    before, owner = treehash.snapshot(canary), os.lstat(tree / "home/mallory").st_uid
    _run(bare, tree, f"--private-users={users}", "--uid=mallory", "--", "/bin/busybox", "true").check()
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    assert os.lstat(tree / "home/mallory").st_uid == owner


@pytest.mark.parametrize("kind", KINDS)
def test_files_that_are_none_of_our_business_are_not_touched(bare, tree, canary, kind):
    paths = [tree / "etc" / name for name in ("hostname", "hosts", "shadow", "timezone", "locale.conf")]
    for path in paths:
        _replace(path, kind, canary)

    def looks():
        return [(st.st_ino, st.st_atime_ns, st.st_mtime_ns, st.st_ctime_ns) for st in map(os.lstat, paths)]

    before, here = treehash.snapshot(canary), looks()
    done = _run(bare, tree, "--hostname=web", "--set-credential=a:b", "--", "/bin/busybox", "hostname").check()
    assert done.stdout == "web\n"
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    assert looks() == here


PROGRAMS = """
getent mount umount id sh bash systemctl systemd-run newuidmap newgidmap modprobe ldconfig unpigz gzip xz zstd tar
mount.ext4 mount.fuse umount.fuse fsck fsck.ext4 mkfs.ext4 losetup systemd-nspawn machinectl journalctl
systemd-journal-remote ip nft cp rm chown btrfs localectl stub-init boot-tree
""".split()
LIBRARIES = """
libc.so.6 libnss_files.so.2 libnss_compat.so.2 libnss_systemd.so.2 libnss_trap.so.2 libsystemd.so.0 libmount.so.1
libblkid.so.1 libseccomp.so.2 libcap.so.2 libselinux.so.1 libnftables.so.1 libcryptsetup.so.12 libgcc_s.so.1
""".split()
TRAP = """
#include <fcntl.h>
__attribute__((constructor)) static void spring(void) { open("PATH", O_CREAT | O_WRONLY, 0600); }
"""
# All that reads names, links and files of the tree, or has a helper for it elsewhere.
BUSY = [
    *("--uid=mallory", "--resolv-conf=copy-host", "--timezone=copy", "--link-journal=try-guest", "--suppress-sync=yes"),
    *("--setenv=LD_LIBRARY_PATH=/usr/lib", "--ephemeral", "--bind=+/etc:/mnt", "--tmpfs=/var", "--as-pid2"),
]


def test_neither_programs_nor_libraries_of_the_tree_are_run_by_us(bare, tree, canary):
    """They leave a mark where they are run, on the host or with the tree as their root. The payload needs none."""
    mark = tree / str(canary)[1:] / "trap"
    mark.parent.mkdir(parents=True)
    source = TRAP.replace("PATH", str(canary / "trap"))
    library = canary.parent / f"{canary.name}.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-o", library, "-"], input=source, text=True, check=True)
    for folder in ("lib", "usr/lib", "lib64", f"lib/{platform.machine()}-linux-gnu", f"usr/lib/{platform.machine()}-linux-gnu"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
        for name in LIBRARIES:
            shutil.copy(library, tree / folder / name)
    library.unlink()
    for name in PROGRAMS:
        for folder in ("bin", "usr/bin", "sbin", "usr/sbin", "usr/lib/systemd", "usr/local/bin"):
            path = tree / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(f"#!/bin/busybox sh\necho sprung >{canary}/trap\n", encoding="ascii")
            path.chmod(0o755)
    (tree / "etc/nsswitch.conf").write_text("passwd: trap files\ngroup: trap files\n", encoding="ascii")
    (tree / "etc/passwd").write_text("mallory:x:77:77::/:/bin/sh\n", encoding="ascii")
    (tree / "etc/ld.so.preload").write_text("/usr/lib/libnss_trap.so.2\n", encoding="ascii")
    before = treehash.snapshot(canary)
    for words in ([], BUSY, ["--private-users-ownership=chown"]):
        # Of this tree one that is started: the test is of nothing else.
        assert _run(bare, tree, *words, "/bin/busybox", "echo", "ran").check().stdout == "ran\n"
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    assert not mark.exists()


# What is put into the tree, and the words that make us do it.
PUT = {
    "etc/resolv.conf": [
        ["--network-host"],
        *([f"--resolv-conf={mode}"] for mode in ("copy-host", "replace-host", "bind-host", "delete")),
    ],
    "etc/localtime": [[f"--timezone={mode}"] for mode in ("copy", "symlink", "bind", "delete")],
}
PUTS = [(name, words) for name in sorted(PUT) for words in PUT[name]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name,words", PUTS, ids=lambda value: "".join(value) if isinstance(value, list) else None)
def test_a_file_that_is_put_into_the_tree_stays_in_it(bare, tree, canary, name, words, kind):
    """A fifo, device or link there is replaced, covered or left alone, never opened; a folder is left alone."""
    _replace(tree / name, kind, canary)
    (canary / "resolv.conf").write_text("of the host", encoding="ascii")
    (canary / "localtime").write_text("of the host", encoding="ascii")
    before = treehash.snapshot(canary)
    _run(bare, tree, *words, "--", "/bin/busybox", "true").check()
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    assert kind != "folder" or (tree / name).is_dir()


@pytest.mark.parametrize("target", ["absolute", "relative"])
@pytest.mark.parametrize("words", [words for _, words in PUTS], ids="".join)
def test_a_folder_for_such_a_file_leads_nowhere(bare, tree, canary, words, target):
    _replace(tree / "etc", target, canary)
    before = treehash.snapshot(canary)
    _run(bare, tree, *words, "--", "/bin/busybox", "true")
    assert treehash.difference(before, treehash.snapshot(canary)) == []
