# SPDX-License-Identifier: LGPL-2.1-or-later
"""Somebody swaps what is in the tree, or what is bound, all the time while machines are started: what is mounted is
what was looked at, and nothing of the host is touched. Each race takes a few seconds: it counts on its many tries."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import proc, treehash

pytestmark = pytest.mark.own_tree("busybox")
SOURCES = Path(__file__).parent / "payload"
SECONDS = 3
TRIES = 5  # at the least; there are hundreds where nothing else is going on
LOST = 9  # what a payload ends with that saw something wrong


def _build(bare, name):
    program = bare.folder("race") / name
    subprocess.run(["gcc", "-O2", "-Wall", "-o", program, SOURCES / f"{name}.c"], check=True)
    return program


@pytest.fixture(scope="module")
def exchanger(module_bare):
    """The program that swaps names."""
    return _build(module_bare, "exchanges")


@pytest.fixture
def canary(bare):
    """A folder of the host's that must stay as it is, and must not be seen."""
    folder = bare.folder("canary")
    for name in "ptmx null console x resolv.conf mid host notify pts shm localtime secret".split():
        (folder / name).write_text("secret\n", encoding="ascii")
    for name in ("sub", "fs", "kernel", "net"):
        (folder / name).mkdir()
    return folder


@contextlib.contextmanager
def swapped(exchanger, pairs):
    """The names of each pair are swapped meanwhile."""
    process = proc.start([exchanger, *(path for pair in pairs for path in pair)], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"up\n"
        yield
        assert process.poll() is None, "nothing was swapped"
    finally:
        proc.kill_group(process)
        process.stdout.close()


# Starts machine $1 again and again, for as many seconds as $2 says; the other words are boot-tree's. It ends early if a
# payload says that it saw what it must not. Says how often it started one, and how often that went well.
LOOP = """
name=$1 end=$((EPOCHSECONDS + $2)); shift 2; n=0 good=0
while [ $EPOCHSECONDS -lt $end ]; do
    n=$((n + 1)); timeout -k 1 5 "$0" -q -M $name "$@" >$name.out 2>&1; status=$?
    case $status in 0) good=$((good + 1));; 1) ;; *) echo "status $status"; cat $name.out; exit 1;; esac
done
echo $n $good
"""


def race(bare, *words):
    """How often machines could be started in some seconds, one after the other."""
    loop = ["bash", "-c", LOOP, bare.program, bare_bed.new_name("race"), str(SECONDS)]
    done = proc.run(*loop, *words, timeout=SECONDS + 15, cwd=bare.folder("out")).check()
    tries, good = map(int, done.stdout.split())
    print(f"{tries} starts, {good} of them good, in {done.seconds:.1f} s")
    assert tries >= TRIES
    return good


TOPS = "dev proc sys run tmp etc mnt var root".split()
TARGETS = ["/here/new/x", "/mnt/x", "/var/x/y", "/etc/x"]
# The payload's own look, under both names that things have: nothing of the host's folder is there, and a procfs has its
# masks, or its owner is not ours. What lies where is the swapper's business: it is his tree. He goes on, so the look is from within.
LOOK = f"""
for name in dev proc sys run tmp etc mnt var root here here/tmp here/new/x mnt/x var/x/y; do
    for way in /$name /$name.evil; do test -e $way/secret && echo "$way shows the host" && exit {LOST}; done
done
for name in proc proc.evil; do
    cd /$name 2>&- && test -d self/ns || continue
    for file in sys/kernel/core_pattern sysrq-trigger; do
        (: >>$file) 2>&- && echo "$file can be written" && exit {LOST}
    done
    test $users = no -a "$(head -c 1 kallsyms)" && echo "kallsyms is not masked" && exit {LOST}
done
exit 0
"""


@pytest.mark.parametrize("users", ["pick", "no"])
def test_mount_points_that_are_swapped_touch_nothing_of_the_host(bare, exchanger, tree, canary, users):
    """The rename-exchange race on every mount point: the folders of the tree, and those of the user's mounts."""
    source = bare.folder("source")
    pairs = []
    for name in [*TOPS, "here"]:
        (tree / name).mkdir(exist_ok=True)
        evil = tree / f"{name}.evil"
        # Half of them lead there by an absolute path, half by one that climbs.
        evil.symlink_to(canary if len(pairs) % 2 else "../" * 30 + str(canary)[1:])
        pairs.append((tree / name, evil))
    before = treehash.snapshot(canary), treehash.snapshot(source)
    words = [f"--bind={source}:{target}" for target in TARGETS] + ["--tmpfs=/here/tmp", "--bind=+/bin:/here/bin"]
    words += [f"--private-users={users}", "--resolv-conf=copy-host", "--console=pipe", f"--setenv=users={users}", "-D", str(tree)]
    with swapped(exchanger, pairs):
        good = race(bare, *words, "/bin/busybox", "sh", "-c", LOOK)
    assert good, "no machine was ever started: nothing is shown"
    made = [path for path in tree.rglob("*") if not path.is_symlink() and (path.is_char_device() or path.is_block_device())]
    assert made == [], "nodes of the machine's are on its disk"
    assert treehash.difference(before[0], treehash.snapshot(canary)) == []
    assert treehash.difference(before[1], treehash.snapshot(source)) == []


OWNERS = {"one": 1001, "other": 1002}


def test_a_source_that_is_swapped_is_mounted_as_what_was_looked_at(bare, exchanger, tree, canary):
    """Either folder may be what the name stood for; but owners are mapped by the one that is mounted, and its type is
    that of its mount point. The third pair is in the tree: a link in place of the folder leads nowhere outside."""
    sources = bare.folder("sources")
    for name, owner in OWNERS.items():
        (sources / name).mkdir()
        (sources / name / name).touch()
        for path in (sources / name, sources / name / name):
            os.chown(path, owner, owner)
    (sources / "folder").mkdir()
    (sources / "file").touch()
    (tree / "inside").mkdir()
    (tree / "inside.evil").symlink_to(canary)
    pairs = [(sources / "one", sources / "other"), (sources / "folder", sources / "file"), (tree / "inside", tree / "inside.evil")]
    look = f"""
    test "$(stat -c %u:%g /a /a/* | xargs)" = "0:0 0:0" || exit {LOST}
    for word in /b /c; do test -e $word/secret && exit {LOST}; done
    test -d /b -o -f /b || exit {LOST}
    """
    before = treehash.snapshot(canary)
    words = [f"--bind={sources}/one:/a", f"--bind={sources}/folder:/b", "--bind=+/inside:/c", "--console=pipe"]
    with swapped(exchanger, pairs):
        good = race(bare, *words, "-D", str(tree), "/bin/busybox", "sh", "-c", look)
    assert good and treehash.difference(before, treehash.snapshot(canary)) == []


BASE = 0x10000 * 4713


def test_nobody_with_the_ids_of_a_machine_gets_at_its_start(bare, tree):
    """Its start has descriptors of the host's: whoever could trace it then, or read them, would be out."""
    decoy = bare.folder("decoy") / "busybox-decoy"
    shutil.copy(tree / "bin/busybox", decoy)
    script = f"while :; do {decoy} sleep 0.01; done"
    nobody = ["setpriv", f"--reuid={BASE}", f"--regid={BASE}", "--clear-groups", decoy, "sh", "-c", script]
    lured = proc.start(nobody, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    attacker = proc.start([_build(bare, "seizes"), str(BASE), str(SECONDS + 1)], stdout=subprocess.PIPE)
    try:
        words = [f"--private-users={BASE}", "--private-users-ownership=map", "--console=pipe", "-D", str(tree)]
        assert race(bare, *words, "-a", "/bin/busybox", "true") >= TRIES
        text = attacker.communicate(timeout=SECONDS + 10)[0].decode(errors="replace")
    finally:
        proc.kill_group(attacker)
        proc.kill_group(lured)
    assert attacker.returncode == 0, text[-1000:]
    lines = [line.split(maxsplit=3) for line in text.splitlines()]
    print(text.splitlines()[-1])
    assert int(lines[-1][1]) > 1000
    # It gets at what it may, or it would not try the right thing.
    assert {line[2] for line in lines if line[0] == "traced"} == {decoy.name}
    assert {line[3] for line in lines if line[0] == "read"} == {"/dev/null"}
